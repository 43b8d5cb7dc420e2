import { maskSecretValues } from "../../../src/collectors/secrets.js";
import type { Event } from "../../../src/events/event.js";

/** A secret is longer. */
const SHORTEST = 8;
/** Names of the members that say where a file is: masked, it would not be found. */
const PLACES = new Set(["file", "path"]);
/** Events that hold no text, or are masked where they come from. */
const WITHOUT_TEXTS: ReadonlySet<string> = new Set([
  "scalar",
  "row",
  "histogram",
  "histogramRaw",
  "tensor",
  "audio",
  "video",
  "mesh",
  "prCurve",
  "prCurveRaw",
  "artifact",
  "console",
  "system",
  "environment",
  "finish",
]);
/** Calls of W&B's own API that hold texts of the script. */
const CALLS_WITH_TEXTS: ReadonlySet<string> = new Set(["log", "summary", "fields", "alert", "output"]);

/**
 * Plain data with the secrets in its texts masked: values of variables and options that hold keys, keys of known shapes,
 * credentials in addresses. What has none is returned as it is.
 */
export function maskTexts<T>(value: T): T {
  return mask(value) as T;
}

/** An event with the secrets masked that a script logged by mistake: in texts, tables, pages, alerts, results. */
export function maskEvent<E extends Event>(event: E): E {
  if (WITHOUT_TEXTS.has(event.kind)) return event;
  if (event.kind === "native" && !CALLS_WITH_TEXTS.has(event.name)) return event;
  return maskTexts(event);
}

function mask(value: unknown): unknown {
  if (typeof value === "string") return value.length < SHORTEST ? value : maskSecretValues(value);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (typeof item === "number") continue;
      const masked = mask(item);
      if (masked === item) continue;
      copy ??= [...value];
      copy[index] = masked;
    }
    return copy ?? value;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "number" || (PLACES.has(key) && typeof item === "string")) continue;
    const masked = mask(item);
    if (masked === item) continue;
    copy ??= { ...value };
    Object.defineProperty(copy, key, { value: masked, enumerable: true, configurable: true, writable: true });
  }
  return copy ?? value;
}
