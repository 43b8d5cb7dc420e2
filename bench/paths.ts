import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout: this file is in `bench/`, or compiled in `dist/bench/`. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.resolve("tracelet/package.json"))));
/** The benchmarks as plain JavaScript: what is measured runs in Node without a loader. */
export const COMPILED = join(ROOT, "dist", "bench");
