import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type * as Wandb from "tracelet/wandb";

/** Begins a run that another goes on with: steps with a gap, metrics, config, tags, notes, console, an artifact. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const resume = process.env["CHAIN_RESUME"];
  const run = await wandb.init({
    ...{
      id: "chain",
      name: "the chain",
      tags: ["old", "kept"],
      notes: "of the first",
      group: "g",
      jobType: "t",
    },
    config: { lr: 0.1, nested: { a: 1, b: [1, 2] }, inf: Number.POSITIVE_INFINITY },
    ...(resume ? { resume: resume as "auto" } : {}),
  });
  run.defineMetric("val", { summary: "min" });
  run.defineMetric("deep.*", { stepMetric: "epoch" });
  for (let i = 0; i < 5; i++) {
    run.log({ loss: 1 / (i + 1), val: [3, 1, 2, 5, 4][i], deep: { x: i, y: { z: 0 - i } }, epoch: i });
  }
  run.log({ loss: 0.05, nan: Number.NaN }, { step: 9 });
  console.log("line of the first");
  console.log("progress 1\rprogress 2");
  run.summary["given"] = { by: "hand" };
  run.config.update({ late: true });
  mkdirSync("made", { recursive: true });
  for (const name of ["a.txt", "b.txt"]) writeFileSync(`made/${name}`, `content of ${name}`);
  const digestAlgorithm = (process.env["CHAIN_DIGEST"] ?? "MD5") as "MD5";
  const about = { metadata: { k: [1] }, description: "d", digestAlgorithm };
  const artifact = new wandb.Artifact("set", { type: "dataset", ...about });
  artifact.addDir("made");
  await run.logArtifact(artifact, { aliases: ["first"] }).wait();
  await setTimeout(1500);
  await run.finish(resume === "auto" ? { exitCode: 3 } : {});
}
