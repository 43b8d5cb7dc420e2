import type { ScalarColumns, ScalarEvent } from "./event.js";

/** Columns that grow as scalars are added; the way scalars wait on their way to the backends. */
export interface ScalarBuffer extends ScalarColumns {
  length: number;
  tags: string[];
  values: Float64Array;
  steps: Float64Array;
  wallTimes: Float64Array;
}

const FIRST_CAPACITY = 64;

export function createScalarBuffer(): ScalarBuffer {
  return {
    length: 0,
    tags: [],
    values: new Float64Array(FIRST_CAPACITY),
    steps: new Float64Array(FIRST_CAPACITY),
    wallTimes: new Float64Array(FIRST_CAPACITY),
  };
}

/** Doubles the room; called when `length` has reached it. */
export function growScalarBuffer(buffer: ScalarBuffer): void {
  const grow = (column: Float64Array) => {
    const larger = new Float64Array(column.length * 2);
    larger.set(column);
    return larger;
  };
  buffer.values = grow(buffer.values);
  buffer.steps = grow(buffer.steps);
  buffer.wallTimes = grow(buffer.wallTimes);
}

/** A copy that the buffer's further use does not touch. */
export function copyScalars(columns: ScalarColumns): ScalarColumns {
  const { length } = columns;
  return {
    length,
    tags: columns.tags.slice(0, length),
    values: columns.values.slice(0, length),
    steps: columns.steps.slice(0, length),
    wallTimes: columns.wallTimes.slice(0, length),
  };
}

/** The same scalars as events. */
export function scalarEvents(columns: ScalarColumns): ScalarEvent[] {
  return Array.from({ length: columns.length }, (_, i) => {
    const step = columns.steps[i]!;
    const event = {
      kind: "scalar" as const,
      tag: columns.tags[i]!,
      value: columns.values[i]!,
      wallTime: columns.wallTimes[i]!,
    };
    return Number.isNaN(step) ? event : { ...event, step };
  });
}
