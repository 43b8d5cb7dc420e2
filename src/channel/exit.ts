import { isMainThread } from "node:worker_threads";
import type { Outcome } from "../events/event.js";

/**
 * Nothing logged may be lost when the process ends, however it ends. `settle` is called once, must be synchronous, and
 * gets how the process ended. The hooks never end the process themselves, and never keep it from ending.
 */
export function installExitHooks(settle: (outcome: Outcome) => void): () => void {
  let uncaught: string | undefined;

  const onException = (error: unknown) => {
    uncaught = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  };
  const onExit = (code: number) => {
    settle(
      code === 0
        ? { status: "finished", exitCode: 0 }
        : { status: "failed", exitCode: code, ...(uncaught === undefined ? {} : { reason: uncaught }) },
    );
  };
  process.on("uncaughtExceptionMonitor", onException);
  process.on("exit", onExit);

  // Signals reach the main thread only.
  const signals = isMainThread ? (["SIGINT", "SIGTERM", "SIGHUP"] as const) : [];
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
  const handlers = signals.map((signal) => {
    const handler = () => {
      const others = process.listenerCount(signal) > 1;
      // With a handler of the script's own, the script decides whether it ends; its `exit` settles everything.
      if (others) return;
      settle({ status: "killed", exitCode: 128 + numbers[signal], reason: signal });
      process.off(signal, handler);
      process.kill(process.pid, signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });

  return () => {
    process.off("uncaughtExceptionMonitor", onException);
    process.off("exit", onExit);
    for (const remove of handlers) remove();
  };
}
