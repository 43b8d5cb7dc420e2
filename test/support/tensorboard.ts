import { spawn } from "node:child_process";
import { pythonPath } from "./python.js";

/** A running TensorBoard. */
export interface TensorBoard {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts the official TensorBoard on a folder, with all data loaded once, on a free port.
 *
 * @param logdir folder of runs
 * @param reader `fast` is the data server (what people get by default), `slow` the Python loader
 */
export async function startTensorBoard(logdir: string, reader: "fast" | "slow"): Promise<TensorBoard> {
  const readerArgs =
    reader === "fast" ? ["--load_fast=true"] : ["--load_fast=false", "--reload_task=blocking"];
  const child = spawn(
    await pythonPath(),
    ["-m", "tensorboard.main", "--logdir", logdir, "--host", "127.0.0.1", "--port", "0"].concat(
      ["--reload_interval", "0"],
      readerArgs,
    ),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  let told = "";
  const address = await new Promise<string>((done, fail) => {
    const failed = (why: string) =>
      fail(new Error(`TensorBoard did not start: ${why}\n${told.slice(-2000)}`));
    const deadline = setTimeout(() => {
      child.kill("SIGKILL");
      failed("nothing after 60 s");
    }, 60_000);
    child.once("error", (error) => failed(error.message));
    child.once("close", (code) => failed(`exit code ${code}`));
    child.stderr.on("data", (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-20_000);
      const found = /TensorBoard \S+ at (http:\/\/[^/\s]+)/.exec(told)?.[1];
      if (found === undefined) return;
      clearTimeout(deadline);
      done(found);
    });
  });
  return {
    address,
    async stop() {
      child.kill("SIGTERM");
      const insist = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(insist);
    },
  };
}
