import type { JsonMap } from "./graphql/execute.js";

/** A Relay connection over `items`: `first`/`after` page it, the cursor is the index of the item. */
export function connection<Item>(
  typename: string,
  items: readonly Item[],
  node: (item: Item) => unknown,
  args: JsonMap,
  edgeFields: (item: Item) => object = () => ({}),
) {
  const start = typeof args["after"] === "string" ? Number(args["after"]) + 1 : 0;
  const first = typeof args["first"] === "number" ? args["first"] : items.length;
  const last = typeof args["last"] === "number" ? args["last"] : undefined;
  const from = last === undefined ? start : Math.max(0, items.length - last);
  const page = items.slice(from, last === undefined ? start + first : undefined);
  const end = from + page.length;
  return {
    __typename: `${typename}Connection`,
    totalCount: items.length,
    edges: page.map((item, index) => ({
      __typename: `${typename}Edge`,
      cursor: String(from + index),
      ...edgeFields(item),
      node: node(item),
    })),
    pageInfo: {
      __typename: "PageInfo",
      endCursor: page.length > 0 ? String(end - 1) : null,
      hasNextPage: end < items.length,
    },
  };
}
