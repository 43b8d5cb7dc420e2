import type { LoggedValue } from "./json.js";

/** A string with what follows it if it is a key, or a number, or a token that JSON has no word for. */
const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN/g;
/** What only the slow way reads right. */
const UNUSUAL = /\d{16}|NaN|Infinity/;
/** Marks strings that stand for something else; a string that begins with it itself gets a second one. */
const MARK = "\\u0000";

/**
 * Reads a JSON text as W&B clients write it: `NaN`, `Infinity` and `-Infinity` may stand wherever a number may, and
 * integers that a double cannot hold become bigints.
 *
 * @throws SyntaxError when the text is not that.
 */
export function parseJson(text: string): LoggedValue {
  if (!UNUSUAL.test(text)) return JSON.parse(text) as LoggedValue;
  const marked = text.replace(TOKEN, (token, colon: string | undefined) => {
    if (token.startsWith('"')) {
      return colon === undefined && token.startsWith(`"${MARK}`) ? `"${MARK}${token.slice(1)}` : token;
    }
    return needsMark(token) ? `"${MARK}${token}"` : token;
  });
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith("\0") ? unmark(value.slice(1)) : value,
  ) as LoggedValue;
}

function needsMark(token: string): boolean {
  if (/[NI]/.test(token)) return true;
  return /^-?[1-9]\d*$/.test(token) && !Number.isSafeInteger(Number(token));
}

function unmark(text: string): LoggedValue {
  if (text.startsWith("\0")) return text;
  return /^-?\d/.test(text) ? BigInt(text) : Number(text);
}
