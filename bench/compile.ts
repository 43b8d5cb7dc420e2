import { join } from "node:path";
import { build } from "esbuild";
import { COMPILED, ROOT } from "./paths.js";

/** Puts bench/*.ts as JavaScript into dist/bench, file by file, so that a loader of TypeScript is in no figure. */
export async function compileBenchmarks(): Promise<void> {
  await build({
    entryPoints: [join(ROOT, "bench", "*.ts"), join(ROOT, "bench", "benchmarks", "*.ts")],
    outdir: COMPILED,
    outbase: join(ROOT, "bench"),
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
  });
}
