import { mkdirSync, writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** logCode: an artifact of source files. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("source/inner", { recursive: true });
  for (const name of ["source/kept.txt", "source/inner/also.txt", "source/not.md"]) writeFileSync(name, name);
  const run = await wandb.init();
  run.logCode("source", { name: "source-code", includeFn: (path) => path.endsWith(".txt") });
  await run.finish();
}
