import { messageOf } from "../../../src/errors.js";
import type { ConsoleEvent, Event, NativeEvent } from "../../../src/events/event.js";
import { maskEvent } from "../around/mask-texts.js";
import { createFacadeRows, type FacadeRows } from "../facade/facade-rows.js";
import { createNativeRows, type NativeRows } from "../native/native-rows.js";
import type { RunReporter, RunWriter } from "./run-writer.js";
import { createSurroundings, type Surroundings } from "./surroundings.js";
import type { Writer } from "./writer-file.js";

export interface EventTargetOptions {
  readonly run: RunWriter;
  readonly writer: Writer;
  /** Whether it is W&B's own API that logs. */
  readonly isNative: boolean;
  /** See `createSurroundings`. */
  readonly accountSavesCode: (signal: AbortSignal) => Promise<boolean>;
  readonly reporter: RunReporter;
}

/** A run with what turns events into its records. */
export interface EventTarget {
  readonly run: RunWriter;
  readonly facade: FacadeRows;
  readonly native: NativeRows;
  readonly surroundings: Surroundings;
  /** Takes events; one that cannot be kept is reported, and does not take the others with it. */
  take(events: readonly Event[]): void;
}

export function createEventTarget(options: EventTargetOptions): EventTarget {
  const { run, reporter } = options;
  const facade = createFacadeRows(run, reporter);
  const native = createNativeRows(run, reporter);
  const surroundings = createSurroundings(run, options.writer, options.accountSavesCode, reporter);

  const apply = (event: Event): void => {
    if (event.kind === "environment") surroundings.environment(event);
    else if (event.kind === "system") surroundings.system(event);
    else if (event.kind === "native") native.call(event as NativeEvent);
    else if (event.kind === "row" && options.isNative) native.row(event);
    else facade.event(event);
  };

  const takeOne = (event: Event): void => {
    try {
      apply(maskEvent(event));
    } catch (error) {
      const reason = messageOf(error);
      reporter.drop(1, reason);
      reporter.warn(`${event.kind}: ${reason}`);
    }
  };

  return {
    run,
    facade,
    native,
    surroundings,
    take(events) {
      for (let i = 0; i < events.length; i++) {
        const event = events[i]!;
        if (event.kind !== "console") {
          takeOne(event);
          continue;
        }
        const lines: ConsoleEvent[] = [event];
        for (let next = events[i + 1]; next?.kind === "console"; next = events[i + 1]) {
          lines.push(next);
          i++;
        }
        surroundings.console(lines);
      }
    },
  };
}
