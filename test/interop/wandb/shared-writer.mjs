// The same writer as official/shared_writer.py, of ours.
import { existsSync, writeFileSync, writeSync } from "node:fs";
import * as wandb from "tracelet/wandb";

const role = process.argv[2];
const primary = role === "lead";
const mode = process.env.WRITER_MODE ?? "shared";
const run = await wandb.init({
  id: "shared",
  name: "three",
  tags: ["t"],
  mode,
  ...(primary && { config: { lr: 0.1 } }),
  ...(mode === "offline" && { runMode: "shared" }),
  settings: {
    label: role,
    primary,
    updateFinishState: primary,
    disableStats: true,
    console: "wrap",
    silent: true,
  },
});
run.defineMetric(`${role}/epoch`);
run.defineMetric(`${role}/*`, { stepMetric: `${role}/epoch` });
for (let i = 0; i < 10; i++) run.log({ [`${role}/loss`]: 1 / (i + 1), [`${role}/epoch`]: i });
run.log({ [`${role}/part`]: 1 }, { commit: false });
run.log({ [`${role}/whole`]: 2 });
console.log(`line of ${role}`);
run.summary[`${role}/best`] = 3;
const artifact = new wandb.Artifact(`model-${role}`, { type: "model" });
artifact.newFile("weights.txt", `weights of ${role}`);
const logged = run.logArtifact(artifact);
if (mode !== "offline") await logged.wait();
writeFileSync(`${role}.txt`, role);
run.save(`${role}.txt`, { policy: "now" });
await run.flush();
writeSync(1, "started\n"); // not a line of the run's console
while (!existsSync(process.env.UNTIL ?? "/")) await new Promise((resolve) => setTimeout(resolve, 20));
await run.finish();
