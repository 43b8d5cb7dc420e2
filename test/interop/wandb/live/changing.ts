import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type * as Wandb from "tracelet/wandb";

/** Files of each policy that change while the run is uploaded, and a progress bar that is drawn over many seconds. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ id: "live" });
  const policies = ["live", "now", "end"] as const;
  const write = (text: string) => {
    for (const policy of policies) writeFileSync(`${policy}.txt`, `${policy} ${text}`);
  };
  write("first");
  for (const policy of policies) run.save(`${policy}.txt`, { policy });
  run.markPreempting();
  console.log("begin");
  for (let i = 0; i < 9; i++) {
    process.stdout.write(`\rdone ${i} of 8`);
    await setTimeout(1000);
    if (i === 6) write("second, longer");
  }
  console.log("\nend");
  write("third, the longest");
  await run.finish();
}
