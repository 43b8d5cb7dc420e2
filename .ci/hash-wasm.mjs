// The part of hash-wasm that we use. Its one module has all of its functions, 260 kB, which a bundler cannot part.
import xxhash128 from "hash-wasm/dist/xxhash128.umd.min.js";

export const { createXXHash128 } = xxhash128;
