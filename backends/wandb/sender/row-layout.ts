/*
 * What rows of history have in common. Rows of one kind hold the same keys in the same order, so the text before every
 * value (comma, key, opening and closing of objects) is worked out once. A place is one item of such a row after the
 * items before it; rows that begin alike share places.
 */

/** Places that are kept, over all kinds of rows; a run with more of them starts over. */
const MOST_PLACES = 20_000;
/** Longer rows, and places after which any key may come, take the general way. */
const LONGEST_ROW = 512;
const MOST_NEXT = 64;

export interface Place {
  /** The fields `key` and `nested_key` as they stand in the item, tags and lengths included. */
  readonly keyBytes: Uint8Array;
  readonly path: readonly string[];
  /** What stands between the value before and this one. */
  readonly text: Uint8Array;
  readonly ascii: boolean;
  readonly before: Place | undefined;
  readonly count: number;
  /** Whether `_step` is among the items up to here. */
  readonly hasStep: boolean;
  /** Whether this item cannot simply be put after those before: the general way merges it. */
  readonly merges: boolean;
  readonly next: Place[];
}

export interface RowLayouts {
  /** The place before the first item. */
  readonly start: () => Place;
  /** The place of an item of these key bytes after another; undefined when the row is better read the general way. */
  readonly add: (before: Place, keyBytes: Uint8Array, path: readonly string[]) => Place | undefined;
}

export function createRowLayouts(): RowLayouts {
  let start = newStart();
  let count = 0;
  return {
    start: () => start,
    add(before, keyBytes, path) {
      if (before.count >= LONGEST_ROW || before.next.length >= MOST_NEXT) return undefined;
      if (++count > MOST_PLACES) {
        start = newStart();
        count = 0;
        return undefined;
      }
      const text = Buffer.from(textBetween(before, path));
      const place: Place = {
        keyBytes,
        path,
        text,
        ascii: text.every((byte) => byte < 0x80),
        before,
        count: before.count + 1,
        hasStep: before.hasStep || path[0] === "_step",
        merges: before.merges || collides(before, path),
        next: [],
      };
      before.next.push(place);
      return place;
    },
  };
}

function newStart(): Place {
  return {
    keyBytes: new Uint8Array(),
    path: [],
    text: new Uint8Array(),
    ascii: true,
    before: undefined,
    count: 0,
    hasStep: false,
    merges: false,
    next: [],
  };
}

/** Closes the objects that end and opens those that begin. */
function textBetween(before: Place, path: readonly string[]): string {
  const shared = commonLength(before.path, path);
  const closed = "}".repeat(Math.max(0, before.path.length - 1 - shared));
  const opened = path.slice(shared, -1).map((key) => `${JSON.stringify(key)}:{`);
  return `${before.count === 0 ? "{" : ""}${closed}${before.count > 0 ? "," : ""}${opened.join("")}${JSON.stringify(path.at(-1))}:`;
}

/** Whether a path, or an object on the way to it, was left behind earlier in the row. */
function collides(before: Place, path: readonly string[]): boolean {
  const open = commonLength(before.path, path);
  for (let place: Place | undefined = before; place !== undefined && place.count > 0; place = place.before) {
    const shared = commonLength(place.path, path);
    if (shared === place.path.length || shared === path.length || shared > open) return true;
  }
  return false;
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
