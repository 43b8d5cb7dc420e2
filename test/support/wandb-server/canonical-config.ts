import type { JsonValue } from "#src/events/event.js";

type JsonMap = { readonly [key: string]: JsonValue };

/**
 * A run's config without what names the client: of `_wandb` the versions, the telemetry `t` and the environment `e`.
 * Metric definitions (`m`) are a list in the order of arrival in which a step metric is named by its place, with field
 * numbers as keys; here they become an object by metric name.
 */
export function canonicalConfig(config: JsonMap, withoutLanguage: (path: string) => string): JsonMap {
  const { _wandb, ...rest } = config;
  const { cli_version, python_version, t, e, m, code_path, ...wandb } = ((_wandb as JsonMap | undefined)?.[
    "value"
  ] ?? {}) as JsonMap;
  return {
    ...rest,
    _wandb: {
      ...wandb,
      metrics: metricsByName((m ?? []) as readonly JsonMap[]),
      ...(typeof code_path === "string" && { code_path: withoutLanguage(code_path) }),
    },
  };
}

// Field numbers of a metric definition and its lists: reference wandb-online-protocol.md, section 4.5.
const OPTIONS = ["", "stepSync", "hidden", "defined"];
const SUMMARIES = ["", "min", "max", "mean", "best", "last", "none", "copy", "first"];
const GOALS = ["", "minimize", "maximize"];

function metricsByName(definitions: readonly JsonMap[]): JsonMap {
  const nameOf = (definition: JsonMap | undefined) =>
    (definition?.["1"] ?? definition?.["2"] ?? "") as string;
  const names = (ids: JsonValue | undefined, table: readonly string[]) =>
    ((ids ?? []) as readonly number[]).map((id) => table[id] ?? String(id)).sort();
  return Object.fromEntries(
    definitions.map((definition) => [
      nameOf(definition),
      {
        glob: "2" in definition,
        stepMetric: "5" in definition ? nameOf(definitions[(definition["5"] as number) - 1]) : null,
        options: names(definition["6"], OPTIONS),
        summary: names(definition["7"], SUMMARIES),
        goal: GOALS[(definition["8"] ?? 0) as number] || null,
      },
    ]),
  );
}
