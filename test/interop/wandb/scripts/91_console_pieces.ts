import type * as Wandb from "tracelet/wandb";

/** Lines written in pieces, on both streams in turn, split characters, line ends of Windows, many lines. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  for (const piece of ["one ", "line ", "in pieces\n"]) process.stdout.write(piece);
  process.stdout.write("out starts, ");
  process.stderr.write("err whole\n");
  process.stdout.write("out ends\n");
  process.stdout.write("windows\r\nline ends\r\n");
  process.stdout.write("\r\rtwice\rover\n");
  process.stdout.write("ab\b\bc\n");
  process.stdout.write("erase\x1b[2Kd\n");
  process.stdout.write("\x1b[1;32mbold\x1b[0m \x1b[38;5;196mmany\x1b[0m\n");
  for (let i = 0; i < 300; i++) console.log(`line ${i}`);
  process.stderr.write("\r 10%\r 20%\r 30%");
  process.stderr.write("\n");
  console.log("   spaces around   ");
  await run.finish();
}
