import type { NativeEvent, RowEvent } from "../../../src/events/event.js";
import { settleSaved } from "../around/save-files.js";
import type { RunReporter, RunWriter } from "../run/run-writer.js";
import type { NativeCalls, NativeName, NativeQuestion } from "./native-call.js";

/** What a script logs with W&B's own API, by the rules of the official client. */
export interface NativeRows {
  row(event: RowEvent): void;
  call(event: NativeEvent): void;
  answer(question: NativeQuestion): unknown;
  /** Makes files that were saved as links independent of their originals. */
  settle(): void;
}

const STEP_IS_PAST = "the step is below the run's current step";

export function createNativeRows(run: RunWriter, reporter: RunReporter): NativeRows {
  const saved = new Set<string>();

  const handlers: { readonly [Name in NativeName]: (data: NativeCalls[Name], wallTime: number) => void } = {
    log({ row, step, commit }, wallTime) {
      for (const { path, value } of row.charts) run.config.setInternal(path, value);
      if (step !== undefined) run.telemetry.use("setStepLog");
      const { "": nameless, ...named } = row.data;
      if (nameless !== undefined) reporter.warn("log(): W&B keeps no value under an empty key");
      const data = run.media.toRow(named, run.history.mediaStep);
      if (!run.history.log(data, { step, commit, wallTime })) reporter.drop(1, STEP_IS_PAST);
    },
    defineMetric({ name, options }) {
      run.telemetry.use("metric");
      if (options.summary !== undefined) run.telemetry.use("metricSummary");
      if (options.goal !== undefined) run.telemetry.use("metricGoal");
      if (options.hidden) run.telemetry.use("metricHidden");
      if (options.stepSync) run.telemetry.use("metricStepSync");
      run.metrics.define(name, options);
    },
    config({ record }) {
      run.telemetry.use("setConfigItem");
      run.append({ config: record });
    },
    summary({ values }) {
      run.telemetry.use("setSummary");
      run.summary.setAll(
        values.map(([path, value]) => {
          const key = path.at(-1)!;
          const prefix = path
            .slice(0, -1)
            .map((part) => `${part}.`)
            .join("");
          return [path, run.media.toRow({ [key]: value }, "summary", prefix)[key]!];
        }),
      );
    },
    removeSummary: ({ path }) => run.summary.remove(path),
    fields(fields) {
      if (fields.displayName !== undefined) run.telemetry.use("setRunName");
      if (fields.tags !== undefined) run.telemetry.use("setRunTags");
      run.update(fields);
    },
    alert: ({ alert }) => run.append({ alert }),
    files({ record }) {
      run.telemetry.use("save");
      for (const { path } of record.files ?? []) saved.add(path);
      run.append({ files: record });
    },
    artifact({ plan, aliases, tags, useAfterCommit }) {
      run.logArtifact(plan, { aliases, tags, useAfterCommit });
    },
    internalConfig: ({ path, value }) => run.config.setInternal(path, value),
    output({ text }) {
      for (const line of text.split("\n")) run.append({ outputLogger: { line } });
    },
    preempting: () => run.append({ preempting: {} }),
  };

  return {
    row({ tags, values, step, wallTime, commit }) {
      if (!run.history.logNumbers(tags, values, { step, commit, wallTime })) reporter.drop(1, STEP_IS_PAST);
    },
    call({ name, data, wallTime }) {
      const handler = handlers[name as NativeName] as (data: unknown, wallTime: number) => void;
      handler(data, wallTime);
    },
    answer(question) {
      return question === "step" ? run.history.step : run.summary.valueAt(question.summary);
    },
    settle() {
      for (const problem of settleSaved(run.directory.filesDir, saved)) reporter.warn(problem);
    },
  };
}
