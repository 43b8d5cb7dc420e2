import { messageType } from "../records/messages.js";
import type {
  EnvironmentRecord,
  MetricRecord,
  RunRecord,
  TelemetryRecord,
  UpdateRecord,
} from "../records/record.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";
import { mergeEnvironment, metadataObject } from "./metadata-json.js";
import { createMetricList } from "./metric-list.js";
import { numberedMessage } from "./numbered-message.js";
import {
  checkedText,
  mergeValue,
  pathOf,
  removePath,
  setText,
  treeJson,
  type ValueTree,
} from "./value-tree.js";

/** The configuration of a run as the server is told, with what W&B keeps beside the user's values in `_wandb`. */
export interface RunConfig {
  /** Takes the configuration and telemetry of the log's first run record; later ones repeat it. */
  run(record: RunRecord): void;
  update(record: UpdateRecord): void;
  metric(record: MetricRecord): void;
  telemetry(record: TelemetryRecord): void;
  environment(record: EnvironmentRecord): void;
  /**
   * Takes over what the server holds of a resumed run: keys that this process has not set, and of `_wandb` what belongs
   * to the charts of the whole run. Throws SyntaxError when the text is no JSON.
   */
  resume(config: string): void;
  /** The text of `UpsertBucket`'s `config`: `{"<key>": {"value": ...}}`. */
  json(): string;
  /** The text of `config.yaml`: the same content. */
  yaml(): Promise<string>;
  /** What all environment records said so far, for `wandb-metadata.json`; undefined when there was none. */
  readonly environmentSoFar: () => EnvironmentRecord | undefined;
  /** Values left out so far because their texts are no JSON. */
  readonly unreadable: () => number;
}

/** What the configuration is sent by. */
export interface RunConfigOptions {
  /** Whether the server has the feature EXPAND_DEFINED_METRIC_GLOBS. Default: false. */
  readonly expandsGlobs?: boolean;
  /** Version of what sends the run, for the telemetry. Default: as the records say. */
  readonly coreVersion?: string;
  /** Whether the run is sent from its log afterwards, which the telemetry says too. Default: false. */
  readonly synced?: boolean;
}

/** Members of `_wandb` that a resumed run keeps: they name charts and classes of all its rows. */
const CARRIED = ["viz", "visualize", "mask/class_labels"];

const telemetryType = messageType("TelemetryRecord");

/**
 * Makes the configuration of a run out of its records.
 *
 * @example
 * ```ts
 * const config = createRunConfig({ expandsGlobs: true });
 * config.run(record.run);
 * await api.upsertBucket(fields.upsert(config.json()));
 * ```
 */
export function createRunConfig(options: RunConfigOptions = {}): RunConfig {
  const tree: ValueTree = new Map();
  const metrics = createMetricList(options.expandsGlobs ?? false);
  let telemetry: TelemetryRecord = options.synced ? { feature: { sync2: true } } : {};
  let environment: EnvironmentRecord | undefined;
  let runId = "";
  let unreadable = 0;

  function update({ update: updates = [], remove = [] }: UpdateRecord): void {
    for (const item of updates) {
      const path = pathOf(item);
      const text = checkedText(item.valueJson);
      if (text === undefined) unreadable++;
      else if (text.trimStart().startsWith("{")) mergeValue(tree, path, parseJson(text));
      else setText(tree, path, text);
    }
    for (const item of remove) removePath(tree, pathOf(item));
  }

  /** What `_wandb` holds besides what the configuration itself put there. */
  function ownMembers(): { [name: string]: LoggedValue } {
    const sent =
      options.coreVersion === undefined ? telemetry : { ...telemetry, coreVersion: options.coreVersion };
    return {
      ...(telemetry.cliVersion ? { cli_version: telemetry.cliVersion } : {}),
      ...(telemetry.pythonVersion ? { python_version: telemetry.pythonVersion } : {}),
      t: numberedMessage(telemetryType, sent),
      m: metrics.list(),
      ...(environment === undefined
        ? {}
        : { e: { [environment.writerId || runId]: metadataObject(environment) as LoggedValue } }),
    };
  }

  function json(): string {
    const _wandb: ValueTree = new Map();
    const before = tree.get("_wandb");
    if (before instanceof Map) for (const [key, node] of before) _wandb.set(key, node);
    for (const [key, member] of Object.entries(ownMembers())) _wandb.set(key, encodeJson(member));
    const entries: ValueTree = new Map();
    for (const [key, node] of tree) if (key !== "_wandb") entries.set(key, new Map([["value", node]]));
    return treeJson(entries.set("_wandb", new Map([["value", _wandb]])));
  }

  return {
    run(record) {
      runId = record.runId ?? "";
      if (record.config !== undefined) update(record.config);
      if (record.telemetry !== undefined) telemetry = mergeTelemetry(telemetry, record.telemetry);
    },
    update,
    metric: (record) => metrics.define(record),
    telemetry(record) {
      telemetry = mergeTelemetry(telemetry, record);
    },
    environment(record) {
      environment = environment === undefined ? record : mergeEnvironment(environment, record);
    },
    resume: (config) => mergeResumed(tree, config),
    json,
    async yaml() {
      // It takes 27 ms to load, and is needed at the end of a run.
      const { configYaml } = await import("./config-yaml.js");
      return configYaml(parseJson(json()));
    },
    environmentSoFar: () => environment,
    unreadable: () => unreadable,
  };
}

function mergeResumed(tree: ValueTree, config: string): void {
  const before = (parseJson(config) ?? {}) as {
    readonly [key: string]: { readonly value?: LoggedValue } | null;
  };
  for (const [key, entry] of Object.entries(before)) {
    const value = entry?.value;
    if (value === undefined) continue;
    if (key !== "_wandb") {
      if (!tree.has(key)) mergeValue(tree, [key], value);
      continue;
    }
    const own = tree.get("_wandb");
    for (const name of CARRIED) {
      const carried = (value as { readonly [name: string]: LoggedValue } | null)?.[name];
      if (carried !== undefined && !(own instanceof Map && own.has(name)))
        mergeValue(tree, [key, name], carried);
    }
  }
}

/** Flags stay set; of texts the later one stands. */
function mergeTelemetry(before: TelemetryRecord, later: TelemetryRecord): TelemetryRecord {
  const merged: { [field: string]: unknown } = { ...before };
  for (const [field, value] of Object.entries(later)) {
    if (typeof value === "object") merged[field] = { ...(merged[field] as object | undefined), ...value };
    else if (value !== "") merged[field] = value;
  }
  return merged as TelemetryRecord;
}
