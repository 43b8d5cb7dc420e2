import { TraceletError } from "../../../src/errors.js";
import { unknownOption } from "../../../src/settings/unknown-option.js";
import type { MetricRecord, MetricSummary } from "../records/record.js";
import { type Branch, eachLeaf, leafAt, type Node } from "./row.js";

/** Which values of a metric its summary keeps; `best` and `copy` are accepted for old scripts and ignored by W&B. */
export type SummaryKind = "min" | "max" | "mean" | "last" | "first" | "best" | "copy" | "none";

const SUMMARY_KINDS: readonly string[] = ["min", "max", "mean", "last", "first", "best", "copy", "none"];

/** How a metric is shown and summarised (Python: the arguments of `run.define_metric`). */
export interface MetricOptions {
  /** Name of the metric that is this one's x axis. */
  stepMetric?: string;
  /** Add the last value of the step metric to rows that lack it; default: true when there is a step metric. */
  stepSync?: boolean;
  /** Keep the metric out of automatic plots. */
  hidden?: boolean;
  /** What the summary keeps: one kind, several with commas between, or an array; default: the last value. */
  summary?: string | readonly SummaryKind[];
  goal?: "minimize" | "maximize";
  /** Replace earlier definitions of this name instead of adding to them. */
  overwrite?: boolean;
}

const OPTIONS: readonly string[] = [
  "stepMetric",
  "stepSync",
  "hidden",
  "summary",
  "goal",
  "overwrite",
] satisfies (keyof MetricOptions)[];

interface Definition {
  stepMetric: string | undefined;
  stepPath: readonly string[];
  stepSync: boolean;
  hidden: boolean;
  summary: MetricSummary;
  goal: MetricRecord["goal"];
}

/** What metric definitions act on. */
export interface MetricEffects {
  /** Writes a definition to the transaction log. */
  write(record: MetricRecord): void;
  /** Sets what the summary keeps of the value at a path. */
  configureSummary(path: readonly string[], kinds: MetricSummary): void;
}

/**
 * The metrics a run has defined. Definitions of one name add up unless they overwrite; a name ending in `*` is a glob,
 * which defines each matching metric when it is first logged. As in the official client, except where that depends on
 * chance: of several matching globs the longest counts, and step metrics are added for what was logged, not for what
 * was added itself.
 */
export class Metrics {
  readonly #effects: MetricEffects;
  readonly #byName = new Map<string, Definition>();
  readonly #globs = new Map<string, Definition>();
  /** Last number of every metric that is the step of another. */
  readonly #stepValues = new Map<string, { readonly path: readonly string[]; last: number }>();
  /** Definition by logged name, `null` for none; forgotten when something is defined. */
  readonly #resolved = new Map<string, Definition | null>();

  constructor(effects: MetricEffects) {
    this.#effects = effects;
  }

  /** Defines a metric. Throws `invalid-value` with the rule that the arguments break. */
  define(name: string, options: MetricOptions = {}): void {
    checkName(name, "name");
    checkOptions(options);
    if (options.stepMetric !== undefined) checkName(options.stepMetric, "stepMetric");
    const fresh: Definition = {
      stepMetric: options.stepMetric,
      stepPath: options.stepMetric === undefined ? [] : metricPath(options.stepMetric),
      stepSync: options.stepSync ?? options.stepMetric !== undefined,
      hidden: options.hidden ?? false,
      summary: summaryFlags(options.summary),
      goal: goalOf(options.goal),
    };
    this.#effects.write({
      ...recordOf(name, fresh, true),
      ...(options.overwrite ? { control: { overwrite: true } } : {}),
    });
    const definitions = name.endsWith("*") ? this.#globs : this.#byName;
    const known = definitions.get(name);
    this.#put(definitions, name, known === undefined || options.overwrite ? fresh : merged(known, fresh));
    this.#resolved.clear();
  }

  /** Expands globs for a row that is about to be written, and adds the step metrics it lacks. */
  prepare(row: Branch): void {
    if (this.#byName.size === 0 && this.#globs.size === 0) return;
    const missing: { readonly path: readonly string[]; readonly value: number }[] = [];
    const need = (definition: Definition | null): void => {
      if (definition === null || !definition.stepSync || definition.stepMetric === undefined) return;
      if (leafAt(row, definition.stepPath) !== undefined) return;
      const value = this.#stepValues.get(definition.stepMetric)?.last ?? 0;
      missing.push({ path: definition.stepPath, value });
    };
    for (const [key, node] of row) {
      if (node instanceof Map) eachLeaf(node, (path) => need(this.#resolve(path.join("."))), [key]);
      else need(this.#resolve(key));
    }
    for (const { path, value } of missing) insert(row, path, value);
    for (const step of this.#stepValues.values()) {
      const value = leafAt(row, step.path);
      if (typeof value === "number") step.last = value;
      else if (typeof value === "bigint") step.last = Number(value);
    }
  }

  #resolve(name: string): Definition | null {
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const found =
      this.#byName.get(name) ?? this.#byName.get(name.replaceAll(".", "\\.")) ?? this.#expand(name) ?? null;
    this.#resolved.set(name, found);
    return found;
  }

  /** Names that start with an underscore belong to W&B and match no glob. */
  #expand(name: string): Definition | undefined {
    if (name.startsWith("_")) return undefined;
    let longest: string | undefined;
    for (const glob of this.#globs.keys()) {
      if (name.startsWith(glob.slice(0, -1)) && glob.length > (longest?.length ?? 0)) longest = glob;
    }
    if (longest === undefined) return undefined;
    const definition = { ...this.#globs.get(longest)! };
    this.#effects.write({
      ...recordOf(name, definition, false),
      control: { overwrite: true },
      expandedFromGlob: true,
    });
    this.#put(this.#byName, name, definition);
    return definition;
  }

  #put(definitions: Map<string, Definition>, name: string, definition: Definition): void {
    definitions.set(name, definition);
    if (definition.stepMetric !== undefined && !this.#stepValues.has(definition.stepMetric)) {
      this.#stepValues.set(definition.stepMetric, { path: definition.stepPath, last: 0 });
    }
    if (definitions === this.#byName) this.#effects.configureSummary(metricPath(name), definition.summary);
  }
}

/** A misspelt option, or one in Python's spelling, must not leave the metric as it was in silence. */
function checkOptions(options: MetricOptions): void {
  const stray = Object.keys(options).find((option) => !OPTIONS.includes(option));
  if (typeof options === "object" && stray === undefined) return;
  const problem =
    typeof options === "object"
      ? unknownOption(stray!, OPTIONS)
      : 'options are an object: defineMetric("val/loss", { stepMetric: "epoch" })';
  throw new TraceletError("invalid-value", `defineMetric: ${problem}`, { backend: "wandb" });
}

function checkName(name: string, argument: string): void {
  if (typeof name !== "string" || name === "") {
    throw new TraceletError("invalid-value", `defineMetric: ${argument} must be a non-empty string.`, {
      backend: "wandb",
    });
  }
  const star = name.indexOf("*");
  if (star >= 0 && (star !== name.length - 1 || argument !== "name")) {
    const rule = argument === "name" ? "may have * only as its last character" : "may not have a *";
    throw new TraceletError("invalid-value", `defineMetric: ${argument} ${rule}, got "${name}".`, {
      backend: "wandb",
    });
  }
}

function summaryFlags(summary: MetricOptions["summary"]): MetricSummary {
  const flags: MetricSummary = {};
  if (summary === undefined || summary === "") return flags;
  for (const part of typeof summary === "string" ? summary.split(",") : summary) {
    const kind = part.toLowerCase();
    if (!SUMMARY_KINDS.includes(kind)) {
      throw new TraceletError(
        "invalid-value",
        `defineMetric: summary "${part}" is unknown; use ${SUMMARY_KINDS.join(", ")}, several with commas and no spaces between.`,
        { backend: "wandb" },
      );
    }
    flags[kind as SummaryKind] = true;
  }
  return flags;
}

/** Only the first three letters count, as in the official client. */
function goalOf(goal: MetricOptions["goal"]): MetricRecord["goal"] {
  if (goal === undefined) return undefined;
  const start = String(goal).toLowerCase().slice(0, 3);
  if (start === "min") return "GOAL_MINIMIZE";
  if (start === "max") return "GOAL_MAXIMIZE";
  throw new TraceletError(
    "invalid-value",
    `defineMetric: goal must be "minimize" or "maximize", got "${goal}".`,
    {
      backend: "wandb",
    },
  );
}

/** Splits a metric's name at its dots, which name nested values; `\.` is a dot of the key itself. */
export function metricPath(name: string): string[] {
  if (!name.includes(".")) return [name];
  return name
    .replaceAll("\\.", "\0")
    .split(".")
    .map((part) => part.replaceAll("\0", "."));
}

function recordOf(name: string, definition: Definition, defined: boolean): MetricRecord {
  const { stepMetric, stepSync, hidden, summary, goal } = definition;
  return {
    ...(name.endsWith("*") ? { globName: name } : { name }),
    ...(stepMetric === undefined ? {} : { stepMetric }),
    options: {
      ...(stepSync ? { stepSync } : {}),
      ...(hidden ? { hidden } : {}),
      ...(defined ? { defined } : {}),
    },
    ...(Object.keys(summary).length === 0 ? {} : { summary }),
    ...(goal === undefined ? {} : { goal }),
  };
}

/** Flags are only ever added, but a kind of summary takes back `none`; a step metric and a goal replace what was there. */
function merged(known: Definition, fresh: Definition): Definition {
  const step = fresh.stepMetric === undefined ? known : fresh;
  const summary = { ...known.summary, ...fresh.summary };
  if (!fresh.summary.none && Object.keys(fresh.summary).length > 0) delete summary.none;
  return {
    stepMetric: step.stepMetric,
    stepPath: step.stepPath,
    stepSync: known.stepSync || fresh.stepSync,
    hidden: known.hidden || fresh.hidden,
    summary,
    goal: fresh.goal ?? known.goal,
  };
}

/** The name of a metric whose key may have dots, so that they are not taken for levels. */
export function escapeMetricName(key: string): string {
  return key.replaceAll(".", "\\.");
}

function insert(row: Branch, path: readonly string[], value: number): void {
  let branch = row;
  for (const key of path.slice(0, -1)) {
    let next: Node | undefined = branch.get(key);
    if (!(next instanceof Map)) {
      next = new Map();
      branch.set(key, next);
    }
    branch = next;
  }
  branch.set(path.at(-1)!, value);
}
