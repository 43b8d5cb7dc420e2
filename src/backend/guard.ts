import { isPromise } from "./maybe-async.js";

/** The longest time a Node timer can be set to; with more it would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs the work; a promise is returned only when the work gave one. Failures go to `failed`, never out. */
export function attempt(
  work: () => void | Promise<void>,
  failed: (error: unknown) => void,
): void | Promise<void> {
  try {
    const result = work();
    if (isPromise(result)) return Promise.resolve(result as PromiseLike<void>).catch(failed);
  } catch (error) {
    failed(error);
  }
}

/** The result, or "late" when it takes longer. */
export async function within<T>(deadlineMs: number, work: T | Promise<T>): Promise<T | "late"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), Math.min(deadlineMs, LONGEST_TIMER_MS));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
