// A module of its own, which is loaded when it is needed. The build takes this function alone of the library.
export { createXXHash128 } from "hash-wasm";
