import type { Event } from "../../src/events/event.js";
import type { StandardSchema } from "../../src/settings/standard-schema.js";
import { custom, optional, strictObject } from "../../src/settings/zod.js";

/** Options of the `memory` backend. */
export interface MemoryOptions {
  /** Array that receives the events; the same array is filled, not a copy. Default: a new one, see `MemoryBackend.events`. */
  readonly events?: Event[] | undefined;
}

export const memoryOptions: StandardSchema<MemoryOptions> = strictObject({
  events: optional(custom<Event[]>(Array.isArray, "must be an array")),
});
