/** A source of numbers in 0..1 (1 excluded): `Math.random`, but repeatable. */
export type Random = () => number;

/**
 * Numbers that depend on nothing but the seed, so that a run can be repeated exactly. The generator is
 * mulberry32 (32 bits of state), which is ample for a few hundred thousand draws.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A draw from the normal distribution with mean 0 and deviation 1 (Box and Muller's method). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Shuffles in place (Fisher and Yates' method) and returns the same array. */
export function shuffle<List extends { [index: number]: number; length: number }>(
  list: List,
  random: Random,
): List {
  for (let last = list.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    [list[last], list[chosen]] = [list[chosen]!, list[last]!];
  }
  return list;
}
