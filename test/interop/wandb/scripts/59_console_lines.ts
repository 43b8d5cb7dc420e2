import type * as Wandb from "tracelet/wandb";

/** Console output: both streams, unicode, empty lines, a last line without an end. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  console.log("first line");
  console.error("to stderr");
  console.log("\u00e9\u4e2d\u{1f600} and a\ttab");
  console.log();
  console.log("after an empty line");
  console.log("two\nlines at once");
  console.log("\x1b[31mcolour\x1b[0m stays");
  console.log("x".repeat(5000));
  process.stdout.write("no end");
  await run.finish();
}
