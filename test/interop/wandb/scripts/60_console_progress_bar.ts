import type * as Wandb from "tracelet/wandb";

/** A progress bar redrawn with carriage returns, then lines drawn over by cursor moves. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  console.log("before");
  for (let i = 0; i < 11; i++) {
    const percent = String(i * 10).padStart(3);
    process.stdout.write(`\r${percent}% [${"#".repeat(i)}${".".repeat(10 - i)}]`);
  }
  console.log();
  console.log("after");
  process.stdout.write("long text\rshort\n");
  process.stdout.write("one\ntwo\n\x1b[A\x1b[Aover\n\n");
  console.log("end");
  await run.finish();
}
