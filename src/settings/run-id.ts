import { randomInt } from "node:crypto";

/** 8 characters of a-z and 0-9 from a cryptographic source: the form W&B uses, fit for every backend and file name. */
export function generateRunId(): string {
  return randomInt(36 ** 8)
    .toString(36)
    .padStart(8, "0");
}
