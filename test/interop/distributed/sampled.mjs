// One rank that logs with the W&B SDK for a second while its machine is sampled, and says where.
import * as wandb from "tracelet/wandb";

const rank = Number(process.env.RANK ?? process.env.OMPI_COMM_WORLD_RANK);
const run = await wandb.init({
  project: "quickstart",
  settings: { console: "off", statsSamplingInterval: 0.1 },
});
for (let i = 0; i < 20; i++) {
  run.log({ [`rank-${rank}/loss`]: i });
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await run.finish();
console.log(`rank ${rank} of ${process.env.OMPI_COMM_WORLD_SIZE}: logged to ${run.experiment.url("wandb")}`);
