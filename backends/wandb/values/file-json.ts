import type { LoggedValue } from "./json.js";

/*
 * JSON texts of files. W&B names media files by a hash of their bytes and knows artifacts by it, so these follow the two
 * encoders the official client uses, which differ in spaces, in the order of keys, in non-ASCII text and in where
 * scientific notation begins (observed with wandb 0.31.0). Both have NaN and the infinities as bare tokens.
 */

interface Style {
  readonly comma: string;
  readonly colon: string;
  readonly sorted: boolean;
  readonly string: (text: string) => string;
  /** Below this magnitude numbers take scientific notation; from 1e16 on they always do. */
  readonly smallest: number;
  readonly exponentDigits: number;
}

const COMPACT: Style = {
  comma: ",",
  colon: ":",
  sorted: false,
  string: JSON.stringify,
  smallest: 1e-5,
  exponentDigits: 1,
};

const SPACED: Style = {
  comma: ", ",
  colon: ": ",
  sorted: true,
  string: (text) =>
    JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
      unit === "\u007f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  smallest: 1e-4,
  exponentDigits: 2,
};

/** A number array that is printed as Python prints floats: `1.0`, not `1`. */
export class Floats {
  constructor(readonly values: ArrayLike<number>) {}
}

export type FileValue =
  | LoggedValue
  | Floats
  | readonly FileValue[]
  | { readonly [key: string]: FileValue | undefined };

/** JSON of media files: no spaces, text as it is, keys as given. */
export function compactJson(value: FileValue): string {
  return encode(value, COMPACT);
}

/** JSON of objects in artifacts: spaces after commas and colons, ASCII only, keys sorted. */
export function spacedJson(value: FileValue): string {
  return encode(value, SPACED);
}

function encode(value: FileValue, style: Style): string {
  if (typeof value === "number") return number(value, style);
  if (typeof value === "string") return style.string(value);
  if (typeof value === "boolean" || typeof value === "bigint" || value === null) return String(value);
  if (value instanceof Floats) {
    return `[${Array.from(value.values, (one) => float(one, style)).join(style.comma)}]`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => encode(item, style)).join(style.comma)}]`;
  const members = Object.entries(value as { [key: string]: FileValue | undefined });
  if (style.sorted) members.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const texts = members
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${style.string(key)}${style.colon}${encode(member!, style)}`);
  return `{${texts.join(style.comma)}}`;
}

function float(value: number, style: Style): string {
  if (!Number.isInteger(value) || Math.abs(value) >= 1e16) return number(value, style);
  return `${Object.is(value, -0) ? "-0" : value}.0`;
}

function number(value: number, style: Style): string {
  const magnitude = Math.abs(value);
  if (value === 0 || (magnitude >= style.smallest && magnitude < 1e16) || !Number.isFinite(value)) {
    return Object.is(value, -0) ? "-0.0" : String(value);
  }
  const text = value.toExponential();
  const digits = text.indexOf("e") + 2;
  return text.slice(0, digits) + text.slice(digits).padStart(style.exponentDigits, "0");
}
