import { TraceletError } from "../errors.js";

/** Seconds since the epoch. */
export const wallTimeNow = (): number => Date.now() / 1000;

/** The tag, if it is a non-empty string. */
export function checkTag(tag: unknown): string {
  if (typeof tag === "string" && tag !== "") return tag;
  throw new TraceletError("invalid-value", `a tag must be a non-empty string, not ${show(tag)}`);
}

/** The step, if it is a safe integer or absent. */
export function checkStep(step: unknown): number | undefined {
  if (step === undefined || step === null) return undefined;
  if (Number.isSafeInteger(step)) return step as number;
  throw new TraceletError(
    "invalid-value",
    `a step must be an integer between -(2^53 - 1) and 2^53 - 1, not ${show(step)}`,
  );
}

/** The time, if it is seconds as a number: a `Date` would count milliseconds. */
export function checkWallTime(wallTime: unknown): number {
  if (typeof wallTime === "number" && Number.isFinite(wallTime)) return wallTime;
  throw new TraceletError("invalid-value", `wallTime must be seconds since the epoch, not ${show(wallTime)}`);
}

function show(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty string" : JSON.stringify(value);
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
