/**
 * Looks at a value of an answer: undefined when it is what it should be, else what should be there and where. A server,
 * or whatever answers in its place, is not trusted to send what was asked for.
 */
export type Shape = (value: unknown, path: string) => string | undefined;

/** The longest text that is taken: an address with a signature has some thousand characters. */
const LONGEST_TEXT = 1 << 16;

const such =
  (what: string, fits: (value: unknown) => boolean): Shape =>
  (value, path) =>
    fits(value) ? undefined : `no ${what} at ${path}`;

export const text: Shape = such("text", (value) => typeof value === "string" && value.length <= LONGEST_TEXT);
export const count: Shape = such("count", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
export const flag: Shape = such("true or false", (value) => typeof value === "boolean");

/**
 * A name that becomes part of addresses. `..` and slashes would lead to other ones; the rules of W&B's names have neither.
 */
export const name: Shape = such(
  "name",
  (value) =>
    typeof value === "string" &&
    value.length <= 512 &&
    /^[^/\\\p{Cc}]+$/u.test(value) &&
    !/^\.\.?$/.test(value),
);

/** Null, or absent, or of the shape. */
export const maybe =
  (shape: Shape): Shape =>
  (value, path) =>
    value === null || value === undefined ? undefined : shape(value, path);

export const list =
  (shape: Shape): Shape =>
  (value, path) => {
    if (!Array.isArray(value)) return `no list at ${path}`;
    for (const [index, member] of value.entries()) {
      const flaw = shape(member, `${path}[${index}]`);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  };

/** Other fields may be there besides. */
export const object =
  (fields: { readonly [name: string]: Shape }): Shape =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return `no object at ${path}`;
    for (const [field, shape] of Object.entries(fields)) {
      const inside = Object.hasOwn(value, field)
        ? (value as { readonly [name: string]: unknown })[field]
        : undefined;
      const flaw = shape(inside, path === "" ? field : `${path}.${field}`);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  };
