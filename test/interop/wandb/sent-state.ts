import { type ConsoleLinesOptions, createConsoleLines } from "#backends/wandb/sender/console-lines.js";
import { createHistoryLines } from "#backends/wandb/sender/history-line.js";
import { metadataJson } from "#backends/wandb/sender/metadata-json.js";
import { createRunConfig, type RunConfigOptions } from "#backends/wandb/sender/run-config.js";
import { createRunFields, type UpsertVariables } from "#backends/wandb/sender/run-fields.js";
import { createSummaryState } from "#backends/wandb/sender/summary-state.js";
import { systemLine } from "#backends/wandb/sender/system-line.js";
import { readTransactionLog } from "#backends/wandb/transaction-log/reader.js";

/** What our sender tells the server of a whole log. */
export interface SentState {
  readonly history: readonly string[];
  readonly events: readonly string[];
  readonly console: readonly string[];
  readonly outputLog: string;
  readonly summary: string;
  readonly config: string;
  readonly configYaml: string;
  readonly metadata: string | undefined;
  readonly firstUpsert: UpsertVariables;
}

export type SenderOptions = RunConfigOptions & ConsoleLinesOptions & { readonly program?: string };

/** Gives the records of a log to the sender's modules in their order. */
export async function sentState(log: Uint8Array, options: SenderOptions): Promise<SentState> {
  const history = createHistoryLines();
  const summary = createSummaryState();
  const config = createRunConfig(options);
  const console = createConsoleLines(options);
  const fields = createRunFields(options);
  const rows: string[] = [];
  const events: string[] = [];
  const lines: string[] = [];
  let outputLog = "";
  let firstUpsert: UpsertVariables | undefined;
  let startTime: { seconds?: number; nanos?: number } | undefined;
  for (const { record, bytes } of readTransactionLog(log)) {
    const row = history.line(bytes);
    if (row !== undefined) rows.push(row);
    if (record.run) {
      fields.update(record.run);
      if (firstUpsert === undefined) {
        startTime = record.run.startTime;
        config.run(record.run);
        firstUpsert = fields.upsert(config.json());
      }
    }
    if (record.config) config.update(record.config);
    if (record.metric) config.metric(record.metric);
    if (record.telemetry) config.telemetry(record.telemetry);
    if (record.environment) config.environment(record.environment);
    if (record.summary) summary.update(record.summary);
    if (record.stats) events.push(systemLine(record.stats, startTime));
    if (record.outputRaw) console.write(record.outputRaw);
    if (record.outputLogger) console.append(record.outputLogger.line ?? "");
    for (const { number, line } of console.takeChanges()) lines[number] = line;
    outputLog += console.takeText();
  }
  const environment = config.environmentSoFar();
  return {
    history: rows,
    events,
    console: lines,
    outputLog: outputLog + console.takeText(true),
    summary: summary.json(),
    config: config.json(),
    configYaml: await config.yaml(),
    metadata: environment === undefined ? undefined : metadataJson(environment),
    firstUpsert: firstUpsert!,
  };
}
