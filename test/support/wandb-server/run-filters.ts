import type { JsonValue } from "#src/events/event.js";
import { parseLooseObject } from "./loose-json.js";
import type { Run } from "./store.js";

type Filter = { readonly [key: string]: unknown };

/** What a filter key of the runs query names: run fields, `config.K`, `summary_metrics.K`. */
function fieldOf(run: Run, key: string): unknown {
  const path = key.split(".");
  const [first, ...rest] = path;
  if (first === "config") {
    const entry = parseLooseObject(run.config)[rest[0]!] as { readonly value?: JsonValue } | undefined;
    return descend(
      entry?.value,
      rest.slice(1).filter((part, index) => index > 0 || part !== "value"),
    );
  }
  if (first === "summary_metrics") return descend(parseLooseObject(run.summary), rest);
  const fields: { readonly [key: string]: unknown } = {
    name: run.name,
    displayName: run.displayName,
    display_name: run.displayName,
    state: run.state,
    tags: run.tags,
    group: run.group,
    jobType: run.jobType,
    job_type: run.jobType,
    host: run.host,
    sweep: run.sweep,
    createdAt: run.createdAt,
    created_at: run.createdAt,
    heartbeat_at: run.heartbeatAt,
  };
  return fields[key];
}

function descend(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let at = value;
  for (const part of path)
    at =
      typeof at === "object" && at !== null ? (at as { readonly [key: string]: JsonValue })[part] : undefined;
  return at;
}

const OPERATORS: { readonly [name: string]: (value: unknown, operand: unknown) => boolean } = {
  $eq: equals,
  $ne: (value, operand) => !equals(value, operand),
  $gt: (value, operand) => comparable(value, operand) && value! > operand!,
  $gte: (value, operand) => comparable(value, operand) && value! >= operand!,
  $lt: (value, operand) => comparable(value, operand) && value! < operand!,
  $lte: (value, operand) => comparable(value, operand) && value! <= operand!,
  $in: (value, operand) => (operand as unknown[]).some((item) => equals(value, item)),
  $nin: (value, operand) => !(operand as unknown[]).some((item) => equals(value, item)),
  $exists: (value, operand) => (value !== undefined && value !== null) === operand,
  $regex: (value, operand) => typeof value === "string" && new RegExp(operand as string).test(value),
};

function equals(value: unknown, operand: unknown): boolean {
  return Array.isArray(value) ? value.includes(operand) : (value ?? null) === operand;
}

function comparable(value: unknown, operand: unknown): boolean {
  return typeof value === typeof operand && value !== null && operand !== null;
}

/** Whether a run passes a filter in the MongoDB style of the public API. */
export function matchesFilter(run: Run, filter: Filter): boolean {
  return Object.entries(filter).every(([key, condition]) => {
    const parts = condition as Filter[];
    if (key === "$and") return parts.every((part) => matchesFilter(run, part));
    if (key === "$or") return parts.length === 0 || parts.some((part) => matchesFilter(run, part));
    if (key === "$nor") return !parts.some((part) => matchesFilter(run, part));
    const value = fieldOf(run, key);
    if (typeof condition !== "object" || condition === null) return equals(value, condition);
    return Object.entries(condition).every(([operator, operand]) => {
      const test = OPERATORS[operator];
      if (test === undefined) throw new SyntaxError(`unknown operator ${operator}`);
      return test(value, operand);
    });
  });
}

/** Sorts runs by `+created_at` (the default), `-config.lr.value`, `+summary_metrics.loss` and the like. */
export function orderRuns(runs: readonly Run[], order: string | undefined): Run[] {
  const key = (order ?? "+created_at").replace(/^[+-]/, "");
  const sign = order?.startsWith("-") ? -1 : 1;
  // Runs of one millisecond keep their order of creation, reversed where the order is.
  const numbered = runs.map((run, index) => ({ run, index, value: fieldOf(run, key) }));
  numbered.sort((a, b) => {
    if (a.value === b.value) return sign * (a.index - b.index);
    if (a.value === undefined || a.value === null) return 1;
    if (b.value === undefined || b.value === null) return -1;
    return sign * (a.value < b.value ? -1 : 1);
  });
  return numbered.map(({ run }) => run);
}
