import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** save() with globs, base path and the three policies; files changed after the call. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("out/deep", { recursive: true });
  for (const name of ["out/a.txt", "out/deep/b.txt", "out/end.csv", "out/live.log"])
    writeFileSync(name, `first ${name}`);
  const run = await wandb.init();
  run.save("out/*.txt", { policy: "now" });
  run.save("out/deep/b.txt", { basePath: "out", policy: "now" });
  run.save("out/end.csv", { policy: "end" });
  run.save("out/live.log", { basePath: "out", policy: "live" });
  for (const name of ["out/end.csv", "out/live.log"]) appendFileSync(name, " and more");
  await run.finish();
}
