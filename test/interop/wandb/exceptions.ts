import type { JsonValue } from "#src/events/event.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";

/** A difference from the official client that is meant. */
interface Exception {
  readonly reason: string;
  /** What the server would hold if the official client did as ours does. */
  apply(official: NormalisedRun): NormalisedRun;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    reason:
      "The official client takes the password out of the repository's address and leaves the user name, which may be a token (https://<token>@host/...); ours takes out both.",
    apply: (official) => everyText(official, (text) => text.replaceAll("https://user:@", "https://")),
  },
];

/** What ours must be like. */
export function expected(official: NormalisedRun): NormalisedRun {
  return EXCEPTIONS.reduce((run, exception) => exception.apply(run), official);
}

function everyText<Value extends JsonValue>(value: Value, change: (text: string) => string): Value {
  const of = (part: JsonValue): JsonValue => {
    if (typeof part === "string") return change(part);
    if (Array.isArray(part)) return part.map(of);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, member]) => [key, of(member as JsonValue)]));
  };
  return of(value) as Value;
}
