import type { Run } from "../sdk/run.js";
import { checkConfig, type WandbConfig } from "./config.js";
import { openScopedRun, type ScopedRun } from "./scoped-run.js";

/** Options of `withRun` and `wandbInit`: what a context may say, without what another process hands over. */
export type RunOptions = Omit<WandbConfig, "parent" | "reinit">;

/**
 * Runs `body` with a run (Python: `with wandb.init() as run`). Inside the body of another run, `runMode` `auto` (the default)
 * goes to that run; otherwise a run is opened, and ended in any case: as finished, or as failed when the body throws, with
 * the error going on to the caller. Inside, `getRun()` and the functions of the module go to the run, across awaits; after
 * it they go where they went before.
 *
 * @param options over the context (`withWandbConfig`), over `WANDB_*` variables, over the defaults
 * @returns what `body` returns, once the run has ended
 * @throws TraceletError `invalid-option` for an option outside the rules, and for `runMode` `shared` without a run to share
 *
 * @example
 * ```ts
 * import * as wandb from "tracelet/wandb";
 *
 * const accuracy = await wandb.withRun({ project: "digits", mode: "offline", config: { lr: 0.01 } }, async (run) => {
 *   run.log({ accuracy: 0.9 });
 *   return 0.9;
 * });
 * ```
 */
export async function withRun<T>(options: RunOptions, body: (run: Run) => T | Promise<T>): Promise<T> {
  checkConfig(options, "withRun");
  const scoped = openScopedRun(options);
  const { run } = scoped;
  return endAfter(
    scoped,
    scoped.enter(async () => {
      await scoped.connect();
      return body(run);
    }),
  );
}

/** Ends the run when a promise settles. An error of the body goes before one of the end. */
export async function endAfter<T>(scoped: ScopedRun, result: PromiseLike<T>): Promise<T> {
  let value: T;
  try {
    value = await result;
  } catch (error) {
    await scoped.end(1).catch(() => {});
    throw error;
  }
  await scoped.end(0);
  return value;
}
