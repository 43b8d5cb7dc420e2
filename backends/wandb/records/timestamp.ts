import type { Timestamp } from "./record.js";

/** Seconds since the epoch as records hold them, to the microsecond that a double of today's time can tell. */
export function timestampOf(wallTime: number): Timestamp {
  const micros = Math.round(wallTime * 1e6);
  const seconds = Math.floor(micros / 1e6);
  return { seconds, nanos: (micros - seconds * 1e6) * 1000 };
}

/** The day and time of a timestamp to the second; the epoch for one that no calendar has, as a damaged log may. */
export function dateOf({ seconds = 0 }: Timestamp): Date {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}
