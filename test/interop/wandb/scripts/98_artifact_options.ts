import { writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** Policies, an incremental version, an explicit latest, no metadata, a long description, the same file twice. */
export default async function (wandb: typeof Wandb): Promise<void> {
  for (const name of ["a.txt", "b.txt"]) writeFileSync(name, `content of ${name}`);
  const run = await wandb.init();
  const one = new wandb.Artifact("one.v-1_x", { type: "data set", description: "d".repeat(2000) });
  one.addFile("a.txt", { policy: "immutable" });
  one.addFile("a.txt", { policy: "immutable" });
  one.addFile("b.txt", { name: "deep/er/b.txt", skipCache: true });
  run.logArtifact(one, { aliases: ["latest", "best"] });
  const grown = new wandb.Artifact("grown", { type: "dataset", incremental: true });
  grown.addFile("a.txt");
  run.logArtifact(grown);
  const numbers = new wandb.Artifact("numbers", {
    type: "dataset",
    metadata: { f: 1, nan: Number.NaN, list: [1, [2]], none: null },
  });
  numbers.ttl = null;
  numbers.newFile("n", "n");
  run.logArtifact(numbers, { tags: ["t1"] });
  await run.finish();
}
