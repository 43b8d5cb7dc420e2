import * as tracelet from "tracelet";
import { sampleEvents } from "#src/events/samples.js";

/** A run of the facade with every kind of event; resolves with the reports of its end. */
export function logEverything(dir: string, mode: "online" | "offline") {
  const experiment = tracelet.createExperiment("wandb", {
    id: "facade1",
    project: "differential",
    expName: "of the facade",
    tags: ["a", "b"],
    params: { lr: 0.1, model: { layers: 3 } },
    dir,
    config: { entity: "tester", group: "g", jobType: "t", notes: "n", mode },
  });
  for (let step = 0; step < 20; step++) {
    experiment.scalar("train/loss", 1 / (step + 1), step);
    experiment.scalar("train/lr", Number.NaN, step);
  }
  experiment.scalar("val/loss", 7, 3);
  for (const event of sampleEvents())
    if (event.kind !== "finish" && event.kind !== "layout") experiment.record(event);
  return experiment.finish();
}
