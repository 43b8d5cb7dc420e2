import { maskSecrets, maskSecretValues } from "./collectors/secrets.js";

/**
 * What went wrong, for programs: one of a fixed set, so that `switch` works.
 *
 * - `invalid-option`: an option of `startLogging`, a writer or a backend is unknown or has a wrong value
 * - `invalid-value`: a logged value, tag, step or shape is outside the rules
 * - `unknown-backend`: no backend of that name is registered
 * - `missing-dependency`: an optional package is needed and not installed
 * - `backend-failed`: a backend could not start, write or close
 * - `channel-closed`: the logging worker is gone or the experiment has ended
 * - `invalid-file`: a file does not hold what its format asks for
 */
export type TraceletErrorCode =
  | "invalid-option"
  | "invalid-value"
  | "unknown-backend"
  | "missing-dependency"
  | "backend-failed"
  | "channel-closed"
  | "invalid-file";

/**
 * The one error class of this package. It is thrown only where the caller can act at once (a wrong option, a wrong
 * value); trouble after the start is reported on the experiment instead and never thrown into a training loop,
 * unless `strict: true` asks for it.
 *
 * @example
 * ```ts
 * try {
 *   tracelet.startLogging("tensorbord" as "tensorboard");
 * } catch (error) {
 *   if (error instanceof tracelet.TraceletError) console.error(error.code, error.message);
 * }
 * ```
 */
export class TraceletError extends Error {
  /** Always `TraceletError`. */
  override readonly name = "TraceletError";
  /** What went wrong, for programs. */
  readonly code: TraceletErrorCode;
  /** The backend concerned, if it was one. */
  readonly backend: string | undefined;

  constructor(code: TraceletErrorCode, message: string, details: { backend?: string; cause?: unknown } = {}) {
    // A message quotes what it refuses, and a key pasted in the wrong place is refused too.
    super(maskSecretValues(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.backend = details.backend;
  }
}

/** A server's whole page may be one line of a message. */
const LONGEST_MESSAGE = 2_000;

/** First line of what was thrown, whatever was: enough to act on, short enough for one line. Never throws itself. */
export function messageOf(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? String(thrown.message) || thrown.name : String(thrown);
    const line = text.split("\n", 1)[0]!;
    if (line.length <= LONGEST_MESSAGE) return line;
    // A secret that is cut in two would not be known as one any more: what is cut is masked before.
    return `${maskSecrets(line.slice(0, 4 * LONGEST_MESSAGE)).slice(0, LONGEST_MESSAGE)}...`;
  } catch {
    // An object without a prototype, a getter that throws ...
    return "something that is no error was thrown";
  }
}
