/**
 * Reads the runs of a W&B project back: the best ones by a metric as a table, and the best one as a folder.
 *
 *     WANDB_API_KEY=... tsx examples/wandb-reading.ts team/project accuracy
 */
import * as wandb from "tracelet/wandb";

const [project, metric = "accuracy", path] = process.argv.slice(2);
if (project === undefined) throw new Error("usage: wandb-reading.ts <entity/project> [metric] [folder]");

const api = new wandb.Api();
const runs = api.runs(project, {
  filters: { state: "finished", [`summary_metrics.${metric}`]: { $exists: true } },
  order: `-summary_metrics.${metric}`,
  limit: 10,
});

let best: string | undefined;
for await (const run of runs) {
  best ??= run.path;
  console.log(`${run.id.padEnd(10)} ${run.name.padEnd(24)} ${metric} ${run.summary[metric]}`);
}

if (best === undefined) console.log(`no finished run of ${project} has ${metric}`);
else {
  const folder = await wandb.downloadRun(best, path === undefined ? {} : { path });
  console.log(`${best} is in ${folder}`);
}
