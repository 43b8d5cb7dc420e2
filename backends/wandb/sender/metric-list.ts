import { messageType } from "../records/messages.js";
import type { MetricRecord, MetricSummary } from "../records/record.js";
import type { LoggedValue } from "../values/json.js";
import { fieldNumbers } from "./numbered-message.js";

/** The metric definitions of a run as its configuration holds them, `_wandb.m`. */
export interface MetricList {
  /** Takes a definition; the same metric again adds to it, or replaces it when it says so. */
  define(record: MetricRecord): void;
  /** One object a metric, by field numbers; a step metric is named by its place in the list, from 1. */
  list(): LoggedValue;
}

const optionsType = messageType("MetricOptions");
const summaryType = messageType("MetricSummary");
const GOALS = { GOAL_UNSET: 0, GOAL_MINIMIZE: 1, GOAL_MAXIMIZE: 2 } as const;

/**
 * Collects metric definitions.
 *
 * @param expandsGlobs whether the server has the feature EXPAND_DEFINED_METRIC_GLOBS: then it gets the globs, else the
 * definitions that the client made of them when a name matched
 */
export function createMetricList(expandsGlobs: boolean): MetricList {
  const metrics = new Map<string, MetricRecord>();
  return {
    define(record) {
      if (expandsGlobs ? record.expandedFromGlob : !record.name) return;
      const key = nameOf(record);
      const before = metrics.get(key);
      metrics.set(key, before === undefined || record.control?.overwrite ? record : merge(before, record));
    },
    list() {
      const listed = [...metrics.values()];
      const places = new Map([...metrics.keys()].map((key, index) => [key, index + 1]));
      for (const { stepMetric } of metrics.values()) {
        if (!stepMetric || places.has(stepMetric)) continue;
        listed.push({ name: stepMetric });
        places.set(stepMetric, listed.length);
      }
      return listed.map(({ name, globName, stepMetric, options, summary, goal }) => ({
        ...(name ? { 1: name } : { 2: globName ?? "" }),
        ...(stepMetric ? { 5: places.get(stepMetric)! } : {}),
        6: optionNumbers(name !== undefined && metrics.has(name), options),
        7: fieldNumbers(summaryType, { ...summary, best: false, copy: false }),
        ...(goal && GOALS[goal] > 0 ? { 8: GOALS[goal] } : {}),
      }));
    },
  };
}

/** A metric that was defined by its name is marked so; a glob is not, nor a metric that is only the step of others. */
function optionNumbers(defined: boolean, options: MetricRecord["options"]): number[] {
  return fieldNumbers(optionsType, { ...options, defined });
}

/** A glob ends in a star, which no metric's name needs to. */
const nameOf = ({ name, globName }: MetricRecord): string => name || globName || "";

function merge(before: MetricRecord, later: MetricRecord): MetricRecord {
  return {
    ...before,
    ...(later.stepMetric ? { stepMetric: later.stepMetric } : {}),
    ...(later.goal && GOALS[later.goal] > 0 ? { goal: later.goal } : {}),
    options: { ...before.options, ...onlyTrue(later.options) },
    summary: mergeSummary(before.summary, onlyTrue(later.summary)),
  };
}

/** Any other kind takes back an earlier `none`. */
function mergeSummary(before: MetricSummary | undefined, later: MetricSummary): MetricSummary {
  return { ...before, ...(Object.keys(later).length > 0 ? { none: false } : {}), ...later };
}

function onlyTrue(flags: object = {}): { [name: string]: true } {
  return Object.fromEntries(Object.entries(flags).flatMap(([name, set]) => (set ? [[name, true]] : [])));
}
