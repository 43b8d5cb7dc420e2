import { type Backend, defineBackend } from "../../src/backend/contract.js";
import type { Event } from "../../src/events/event.js";
import { type MemoryOptions, memoryOptions } from "./options.js";

/** The memory backend with what it holds. */
export interface MemoryBackend extends Backend {
  /** Everything logged so far, in order. */
  readonly events: readonly Event[];
}

/**
 * Keeps events as they are, for tests and for looking at what a script logs. It runs on the script's thread, because
 * the caller's array is there. It only grows.
 *
 * @example
 * ```ts
 * const events: Event[] = [];
 * tracelet.startLogging("memory", { config: { events } });
 * ```
 */
export const backend = defineBackend<MemoryOptions>({
  name: "memory",
  options: memoryOptions,
  sharedWriters: true, // each process has its own array
  create(options): MemoryBackend {
    const events = options.events ?? [];
    return {
      events,
      open() {},
      write(batch) {
        for (const event of batch) events.push(event);
      },
      close() {},
    };
  },
});
