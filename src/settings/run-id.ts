import { randomInt } from "node:crypto";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** 8 characters of a-z and 0-9 from a cryptographic source: the form W&B uses, fit for every backend and file name. */
export function generateRunId(): string {
  return Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
