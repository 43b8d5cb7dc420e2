import type { Event, ScalarColumns } from "../../../src/events/event.js";
import { escapeMetricName } from "../history/metrics.js";
import { captureRow } from "../media/capture.js";
import { writeMediaFile } from "../media/media-file.js";
import type { RunReporter, RunWriter } from "../run/run-writer.js";
import {
  embeddingValue,
  histogramRawValue,
  histogramValue,
  prCurveValue,
  tableValue,
} from "./chart-values.js";
import { keepArtifact, keepGraph, npyBytes } from "./kept-files.js";
import { audioValue, figureValue, imageValue, meshValue, textValue, videoValue } from "./media-values.js";
import { GLOBAL_STEP, StepRows } from "./step-rows.js";

/** Keys of a row that are W&B's own. */
const RESERVED = new Set(["_step", "_timestamp", "_runtime", "_wandb"]);

/** Puts what `SummaryWriter` and `Experiment` log into a run. */
export interface FacadeRows {
  scalars(columns: ScalarColumns): void;
  /** Takes one event; throws when it cannot be kept. Events of the surroundings are not for here. */
  event(event: Event): void;
  /** Writes the row that is still open for more values of its step. */
  flush(): void;
}

export function createFacadeRows(run: RunWriter, reporter: RunReporter): FacadeRows {
  let usesGlobalStep = false;
  const rows = new StepRows({
    history: run.history,
    stepless: run.settings.shared,
    useGlobalStep(tag) {
      if (!usesGlobalStep) run.metrics.define(GLOBAL_STEP, { hidden: true });
      usesGlobalStep = true;
      run.metrics.define(escapeMetricName(tag), { stepMetric: GLOBAL_STEP, stepSync: false });
      run.telemetry.use("metric");
    },
  });

  const refuse = (tag: string): void => reporter.drop(1, `the name "${tag}" is W&B's own`);

  const numbers = (
    tags: readonly string[],
    values: ArrayLike<number>,
    step: number | undefined,
    wallTime: number,
  ): void => {
    rows.open(tags, step, wallTime);
    for (let i = 0; i < tags.length; i++) rows.put(tags[i]!, values[i]!, wallTime);
    rows.close(step);
  };

  const one = [""];
  const oneValue = [0];

  /** A media object, a table, a chart or JSON under a tag. */
  const value = (tag: string, step: number | undefined, wallTime: number, logged: unknown): void => {
    if (RESERVED.has(tag)) return refuse(tag);
    const { data, charts } = captureRow({ [tag]: logged });
    const keys = Object.keys(data);
    rows.open(keys, step, wallTime);
    for (const { path, value: panel } of charts) run.config.setInternal(path, panel);
    const written = run.media.toRow(data, run.history.step);
    for (const key of keys) rows.put(key, written[key]!, wallTime);
    rows.close(step);
  };

  return {
    flush: () => rows.flush(),

    scalars({ length, tags, values, steps, wallTimes }) {
      for (let i = 0; i < length; i++) {
        const tag = tags[i]!;
        if (RESERVED.has(tag)) {
          refuse(tag);
          continue;
        }
        const step = steps[i]!;
        one[0] = tag;
        oneValue[0] = values[i]!;
        numbers(one, oneValue, Number.isNaN(step) ? undefined : step, wallTimes[i]!);
      }
    },

    event(event) {
      const { step, wallTime } = event;
      switch (event.kind) {
        case "scalar":
          if (RESERVED.has(event.tag)) return refuse(event.tag);
          return numbers([event.tag], [event.value], step, wallTime);
        case "row": {
          const prefix = event.mainTag === undefined ? "" : `${event.mainTag}/`;
          const tags = event.tags.map((tag) => prefix + tag);
          const kept = tags.flatMap((tag, i) => (RESERVED.has(tag) ? [] : [i]));
          for (const tag of tags) if (RESERVED.has(tag)) refuse(tag);
          if (kept.length === 0) return;
          return numbers(
            kept.map((i) => tags[i]!),
            kept.map((i) => event.values[i]!),
            step,
            wallTime,
          );
        }
        case "histogram":
          return value(event.tag, step, wallTime, histogramValue(event));
        case "histogramRaw":
          return value(event.tag, step, wallTime, histogramRawValue(event));
        case "image":
          return value(event.tag, step, wallTime, imageValue(event));
        case "figure":
          return value(event.tag, step, wallTime, figureValue(event));
        case "text":
          return value(event.tag, step, wallTime, textValue(event));
        case "audio":
          return value(event.tag, step, wallTime, audioValue(event));
        case "video":
          return value(event.tag, step, wallTime, videoValue(event));
        case "mesh":
          return value(event.tag, step, wallTime, meshValue(event));
        case "embedding":
          return value(event.tag, step, wallTime, embeddingValue(event));
        case "prCurve":
        case "prCurveRaw":
          return value(event.tag, step, wallTime, prCurveValue(event.tag, event));
        case "table":
          return value(event.tag, step, wallTime, tableValue(event));
        case "tensor": {
          const { tag, tensor } = event;
          const source = { bytes: npyBytes(tensor) };
          const { filesDir } = run.directory;
          const file = writeMediaFile(filesDir, "media/tensors", tag, run.history.step, source, ".npy");
          run.publishFile(file.path);
          return value(tag, step, wallTime, { _type: "tensor-file", ...file, shape: tensor.shape });
        }
        case "graph":
          return keepGraph(run, event);
        case "artifact":
          return keepArtifact(run, event, reporter.warn);
        case "params":
          run.telemetry.use("setConfigItem");
          return run.config.update(event.params, { allowValChange: true });
        case "hparams": {
          const { hparams, metrics, domainDiscrete } = event;
          run.config.update(hparams, { allowValChange: true });
          if (domainDiscrete !== undefined)
            run.config.update({ hparam_domains: domainDiscrete }, { allowValChange: true });
          const values = Object.entries(metrics);
          if (values.length > 0) run.summary.setAll(values.map(([tag, metric]) => [[tag], metric]));
          run.telemetry.use("setSummary");
          return;
        }
        case "summary": {
          const values = Object.entries(event.values);
          if (values.length > 0) run.summary.setAll(values.map(([key, logged]) => [[key], logged]));
          run.telemetry.use("setSummary");
          return;
        }
        case "tags":
          run.telemetry.use("setRunTags");
          return run.update({ tags: [...event.tags] });
        case "layout":
        case "console":
        case "system":
        case "environment":
        case "native":
        case "finish":
          return;
      }
    },
  };
}
