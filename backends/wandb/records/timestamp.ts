import type { Timestamp } from "./record.js";

/** Seconds since the epoch as records hold them, to the microsecond that a double of today's time can tell. */
export function timestampOf(wallTime: number): Timestamp {
  const micros = Math.round(wallTime * 1e6);
  const seconds = Math.floor(micros / 1e6);
  return { seconds, nanos: (micros - seconds * 1e6) * 1000 };
}
