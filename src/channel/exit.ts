import { isMainThread } from "node:worker_threads";
import { maskSecrets } from "../collectors/secrets.js";
import { messageOf } from "../errors.js";
import type { Outcome } from "../events/event.js";

/** What the hooks call; both must be synchronous. */
export interface ExitActions {
  /** The process ends now, in this way: finishes every run. */
  settle(outcome: Outcome): void;
  /** The process may end without asking again: hands what was logged to the backends. */
  drain(): void;
}

/** Not in Node's documentation, and there since its beginnings; coverage tools and signal-exit rely on it, too. */
type ExitingProcess = NodeJS.Process & { reallyExit?: (code?: unknown) => unknown };

/**
 * Nothing logged may be lost when the process ends, however it ends. The hooks never end the process themselves, and
 * never keep it from ending.
 */
export function installExitHooks({ settle }: Pick<ExitActions, "settle">): () => void {
  let uncaught: string | undefined;

  const onException = (error: unknown) => {
    uncaught = maskSecrets(`${error instanceof Error ? `${error.name}: ` : ""}${messageOf(error)}`);
  };
  const onExit = (given: unknown) => {
    // Node sets the code of a top-level await that never settles (13) only while it emits `exit`.
    const code = Number(process.exitCode ?? given);
    settle(
      code === 0
        ? { status: "finished", exitCode: 0 }
        : { status: "failed", exitCode: code, ...(uncaught === undefined ? {} : { reason: uncaught }) },
    );
  };
  process.on("uncaughtExceptionMonitor", onException);
  process.on("exit", onExit);
  // A listener of `exit` that was there before and calls process.exit() ends the process before ours is called: this is the
  // function that ends it. What was settled before is settled at once.
  const ending = process as ExitingProcess;
  const { reallyExit } = ending;
  const last = (code?: unknown): unknown => {
    onExit(code);
    return reallyExit?.call(process, code);
  };
  if (reallyExit !== undefined) ending.reallyExit = last;
  return () => {
    process.off("uncaughtExceptionMonitor", onException);
    process.off("exit", onExit);
    // Another program may have put its own over it.
    if (reallyExit !== undefined && ending.reallyExit === last) ending.reallyExit = reallyExit;
  };
}

/** As `installExitHooks`, for the signals that end a process. */
export function installSignalHooks({ settle, drain }: ExitActions): () => void {
  // Signals reach the main thread only.
  const signals = isMainThread ? (["SIGINT", "SIGTERM", "SIGHUP"] as const) : [];
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
  let installed = true;
  const handlers = signals.map((signal) => {
    const handler = () => {
      if (process.listenerCount(signal) === 1) {
        settle({ status: "killed", exitCode: 128 + numbers[signal], reason: signal });
        process.off(signal, handler);
        process.kill(process.pid, signal);
        return;
      }
      // The script's own handlers decide whether it ends, and if it does with `process.exit`, its `exit` settles
      // everything. They must not see this one: signal-exit, which many packages use, ends the process only when nobody
      // else listens, and then by the signal, of which no `exit` tells.
      drain();
      process.off(signal, handler);
      process.nextTick(() => {
        if (installed) process.prependListener(signal, handler);
      });
    };
    // First, because a handler that is used once is gone from the list by the time it runs.
    process.prependListener(signal, handler);
    return () => process.off(signal, handler);
  });

  return () => {
    installed = false;
    for (const remove of handlers) remove();
  };
}
