import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type * as Wandb from "tracelet/wandb";

/** Globs over folders, an absolute path, one file under two policies, a file that goes away, names with spaces. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("deep/a/b", { recursive: true });
  const names = [
    "deep/one.txt",
    "deep/a/two.txt",
    "deep/a/b/three.txt",
    "deep/with space.txt",
    "gone.txt",
    "twice.txt",
  ];
  for (const name of names) writeFileSync(name, name);
  const run = await wandb.init();
  run.save("deep/**/*.txt", { policy: "now" });
  run.save(resolve("deep/a/two.txt"), { policy: "now" });
  run.save("deep/with space.txt", { basePath: "deep", policy: "end" });
  run.save("gone.txt", { policy: "now" });
  run.save("twice.txt", { policy: "now" });
  writeFileSync("twice.txt", "second");
  run.save("twice.txt", { policy: "end" });
  rmSync("gone.txt");
  await run.finish();
}
