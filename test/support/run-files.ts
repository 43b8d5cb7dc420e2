import { join } from "node:path";
import { readJsonl } from "#backends/jsonl/reader.js";
import { EventFileReader } from "#backends/tensorboard/event-reader.js";
import type { Outcome } from "#src/events/event.js";

/** The scalars of one tag in an event file or a run's folder, in the order of the file. */
export function* readScalars(path: string, tag: string): Generator<{ step: number; value: number }> {
  for (const { step, summary } of new EventFileReader(path)) {
    for (const value of summary?.value ?? []) {
      if (value.tag === tag) yield { step: Number(step ?? 0), value: value.simpleValue! };
    }
  }
}

/**
 * How many scalars a folder holds of a script that logged `loss` = i at step i for i = 0, 1, 2 ... Throws at the first
 * one that is missing, changed or out of order.
 */
export function countInOrder(path: string, tag = "loss"): number {
  let count = 0;
  for (const { step, value } of readScalars(path, tag)) {
    if (step !== count || value !== Math.fround(count)) {
      throw new Error(`${tag}: found ${value} at step ${step} where ${count} was expected`);
    }
    count++;
  }
  return count;
}

/** How the run ended, as its `jsonl` backend was told; undefined when it was not. */
export function readOutcome(dir: string): Outcome | undefined {
  for (const event of readJsonl(join(dir, "run.jsonl"))) if (event.kind === "finish") return event.outcome;
  return undefined;
}
