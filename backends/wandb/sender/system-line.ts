import type { StatsRecord, Timestamp } from "../records/record.js";
import { formatNumber } from "../values/number.js";
import { checkedText } from "./value-tree.js";

/**
 * The line of a sample of system metrics in `wandb-events.jsonl`: the values under `system.<name>`, `_timestamp` in
 * seconds since the epoch, and `_runtime` in seconds since the start of the process that took the sample (not of a
 * resumed run). Values whose texts are no JSON are left out.
 *
 * @param startTime the run record's start time; the epoch when it has none
 * @param label set for runs with several writers: metrics then end in `/l:<label>`
 *
 * @example
 * ```ts
 * systemLine({ timestamp: { seconds: 15 }, item: [{ key: "cpu", valueJson: "3.4" }] }, { seconds: 0 });
 * // {"_wandb":true,"_timestamp":15,"_runtime":15,"system.cpu":3.4}
 * ```
 */
export function systemLine(record: StatsRecord, startTime: Timestamp | undefined, label?: string): string {
  const time = record.timestamp ?? {};
  const suffix = label ? `/l:${label}` : "";
  let line = `{"_wandb":true,"_timestamp":${formatNumber((time.seconds ?? 0) + (time.nanos ?? 0) / 1e9)}`;
  line += `,"_runtime":${formatNumber(secondsBetween(startTime, time))}`;
  for (const { key, valueJson } of record.item ?? []) {
    const text = checkedText(valueJson);
    if (text !== undefined) line += `,${JSON.stringify(`system.${key}${suffix}`)}:${text}`;
  }
  return `${line}}`;
}

/** Whole seconds and nanoseconds apart, so that no digit of the difference is lost to the size of the two. */
function secondsBetween(start: Timestamp | undefined, end: Timestamp): number {
  const seconds = (end.seconds ?? 0) - (start?.seconds ?? 0);
  const nanos = (end.nanos ?? 0) - (start?.nanos ?? 0);
  return nanos < 0 && seconds > 0 ? seconds - 1 + (nanos + 1e9) / 1e9 : seconds + nanos / 1e9;
}
