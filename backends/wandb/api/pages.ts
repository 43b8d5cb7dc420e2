import { TraceletError } from "../../../src/errors.js";

/** A GraphQL connection, as far as it is read here. */
export interface ConnectionAnswer<Node> {
  readonly edges: readonly { readonly node: Node | null }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  readonly totalCount?: number | null;
}

/**
 * A list on the server that is read page by page, as far as it is gone through. Each `for await` begins anew.
 *
 * @example
 * ```ts
 * for await (const run of api.runs("entity/project")) console.log(run.name);
 * ```
 */
export interface Pages<Item> extends AsyncIterable<Item> {
  /** How many there are on the server; asked for anew each time. */
  length(): Promise<number>;
  /** All of them. */
  toArray(): Promise<Item[]>;
}

/** How a list is read from the server, page by page. */
export interface PageOptions {
  /** Items of one request. */
  readonly perPage?: number | undefined;
  /** Ends after so many. Default: all. */
  readonly limit?: number | undefined;
}

/** A server that has nothing but further pages is not asked for ever. */
const MOST_EMPTY_PAGES = 100;

/**
 * @param fetchPage asks for a page: at most `first` items after the cursor
 * @param count asks how many there are; default: they are gone through
 */
export function pagesOf<Node, Item>(
  fetchPage: (first: number, cursor: string | undefined) => Promise<ConnectionAnswer<Node>>,
  convert: (node: Node) => Item | Promise<Item>,
  { perPage = 50, limit = Number.POSITIVE_INFINITY }: PageOptions,
  count?: () => Promise<number>,
): Pages<Item> {
  checkCount("perPage", perPage, 1);
  if (limit !== Number.POSITIVE_INFINITY) checkCount("limit", limit, 0);
  const iterate = async function* (): AsyncGenerator<Item, void, undefined> {
    let cursor: string | undefined;
    const asked = new Set<string>();
    let empty = 0;
    for (let left = limit; left > 0; ) {
      const page = await fetchPage(Math.min(perPage, left), cursor);
      for (const { node } of page.edges) {
        if (node === null) continue;
        yield await convert(node);
        left -= 1;
        if (left <= 0) return;
      }
      const { hasNextPage, endCursor } = page.pageInfo;
      if (!hasNextPage) return;
      empty = page.edges.length === 0 ? empty + 1 : 0;
      if (endCursor === null || asked.has(endCursor) || empty > MOST_EMPTY_PAGES) {
        throw new TraceletError("backend-failed", "The server says there are more items, and not where.", {
          backend: "wandb",
        });
      }
      asked.add(endCursor);
      cursor = endCursor;
    }
  };
  const pages: Pages<Item> = {
    [Symbol.asyncIterator]: iterate,
    async length() {
      if (count !== undefined) return count();
      let found = 0;
      for await (const _ of iterate()) found += 1;
      return found;
    },
    async toArray() {
      const items: Item[] = [];
      for await (const item of iterate()) items.push(item);
      return items;
    },
  };
  return pages;
}

/** @throws TraceletError `invalid-value` when it is no whole number, or less than `least` */
export function checkCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  const rule = `${name} must be a whole number from ${least} on, got ${count}.`;
  throw new TraceletError("invalid-value", rule, { backend: "wandb" });
}
