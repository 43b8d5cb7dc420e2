import { isDeepStrictEqual } from "node:util";
import { readRecordBytes } from "../transaction-log/reader.js";
import type { LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";
import { createHistoryLines } from "./history-line.js";

/** The number, from 0, of the row of a log that a server holds as its last one; undefined when it is no row of the log. */
export function findLoggedRow(
  logFile: string,
  row: { readonly [key: string]: LoggedValue | undefined },
): number | undefined {
  const lines = createHistoryLines();
  const step = row["_step"];
  const sign = Number.isSafeInteger(step) ? `"_step":${step}` : "{";
  let number = 0;
  for (const { bytes } of readRecordBytes(logFile)) {
    const line = lines.line(bytes);
    if (line === undefined) continue;
    if (line.includes(sign) && isDeepStrictEqual(parseJson(line), row)) return number;
    number++;
  }
  return undefined;
}
