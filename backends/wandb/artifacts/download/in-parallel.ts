/**
 * Does something with each item, so many at a time. The first failure stops the others and is thrown when they have
 * stopped.
 *
 * @param work gets a signal that is aborted with the given one, or when another item failed
 */
export async function inParallel<Item>(
  items: Iterable<Item>,
  atOnce: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const both = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const iterator = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      if (both.aborted) return;
      try {
        await work(next.value, both);
      } catch (error) {
        failure ??= { error };
        failed.abort(error);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
