import { formatBigint, formatNumber } from "./number.js";

/** A value as a record can hold it: JSON, NaN and the infinities, and integers beyond 2^53 as bigint. */
export type LoggedValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly LoggedValue[]
  | { readonly [key: string]: LoggedValue | undefined };

/**
 * The JSON text of a value as history, summary and config items hold it: no spaces, `NaN`, `Infinity` and `-Infinity`
 * as bare tokens, numbers as `formatNumber` prints them, members that are undefined left out.
 */
export function encodeJson(value: LoggedValue): string {
  switch (typeof value) {
    case "number":
      return formatNumber(value);
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return formatBigint(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      break;
  }
  if (value === null) return "null";
  if (Array.isArray(value)) {
    let text = "[";
    for (let i = 0; i < value.length; i++) {
      if (i > 0) text += ",";
      text += encodeJson(value[i] as LoggedValue);
    }
    return `${text}]`;
  }
  let text = "";
  for (const [key, member] of Object.entries(value as { [key: string]: LoggedValue | undefined })) {
    if (member === undefined) continue;
    text += `${text === "" ? "{" : ","}${JSON.stringify(key)}:${encodeJson(member)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}
