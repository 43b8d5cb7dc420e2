/** Whether a call answered with a promise. */
export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";

/**
 * Goes on with a value when it is there: at once for a plain one, so that what is synchronous stays so. A backend on the
 * script's thread that opens and writes synchronously then loses nothing, even if the script never yields.
 */
export function after<A, B>(
  value: A | PromiseLike<A>,
  next: (value: A) => B | PromiseLike<B>,
): B | Promise<B> {
  return isPromise(value)
    ? Promise.resolve(value as PromiseLike<A>).then(next)
    : (next(value as A) as B | Promise<B>);
}
