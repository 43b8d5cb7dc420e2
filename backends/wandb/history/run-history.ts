import type { LoggedValue } from "../values/json.js";
import type { Metrics } from "./metrics.js";
import { type Branch, isObject, type Leaf, mergeInto } from "./row.js";
import type { RunSummary } from "./summary.js";

export interface LogOptions {
  /** The row's step; a step below the current one drops the data. Ignored in shared mode. */
  step?: number | undefined;
  /** Whether the row is complete; default: yes without a step, no with one. */
  commit?: boolean | undefined;
  /** Seconds since the epoch of the call; becomes `_timestamp` unless the data have one. */
  wallTime: number;
}

export interface HistorySetting {
  /** Seconds since the epoch at which `_runtime` is `priorRuntime`. */
  startTime: number;
  /** Seconds that a resumed run had lasted before; default 0. */
  priorRuntime?: number;
  /** First step; default 0, for a resumed run the one after its last. */
  startingStep?: number;
  /** Shared mode: rows have no step, and each call writes one unless `commit` is false. */
  shared?: boolean;
  metrics: Metrics;
  summary: RunSummary;
  /** Writes a complete row; `step` is absent in shared mode. */
  write(row: Branch, step: number | undefined): void;
  /** Reports dropped data, once for each reason. */
  warn(message: string): void;
}

/** Rows of a run as `run.log` makes them: calls of one step merge, steps only go up, and every row has a clock. */
export class RunHistory {
  readonly #setting: HistorySetting;
  #step: number;
  #mediaStep: number;
  #row: Branch | undefined;
  #wallTime = 0;
  #dropped = 0;
  #warnedOfShared = false;

  constructor(setting: HistorySetting) {
    this.#setting = setting;
    this.#step = setting.startingStep ?? 0;
    this.#mediaStep = this.#step;
  }

  /** Step of the row that the next call without a step goes to. */
  get step(): number {
    return this.#step;
  }

  /**
   * The number in the file names of media of the next call. The official client counts it beside the step: it is taken
   * before the call's own `step` has an effect.
   */
  get mediaStep(): number {
    return this.#mediaStep;
  }

  /** Calls whose data were dropped because their step was past. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds data to a row; returns false when they were dropped. */
  log(data: { readonly [key: string]: LoggedValue | undefined }, options: LogOptions): boolean {
    if (!this.#moveTo(options)) return false;
    const row = this.#open(options.wallTime);
    mergeInto(row, data);
    if (data["_timestamp"] === undefined) row.set("_timestamp", options.wallTime);
    this.#settle(options);
    return true;
  }

  /** As `log`, for numbers by name. */
  logNumbers(tags: readonly string[], values: readonly number[], options: LogOptions): boolean {
    if (!this.#moveTo(options)) return false;
    const row = this.#open(options.wallTime);
    row.set("_timestamp", options.wallTime);
    for (let i = 0; i < tags.length; i++) row.set(tags[i]!, values[i]!);
    this.#settle(options);
    return true;
  }

  /** Puts a value into the open row, whatever its step; for callers with step rules of their own. */
  put(key: string, value: LoggedValue, wallTime: number): void {
    const row = this.#open(wallTime);
    row.set("_timestamp", wallTime);
    if (isObject(value)) mergeInto(row, { [key]: value });
    else row.set(key, value as Leaf);
  }

  /** Writes the open row and goes to the next step, or to a later one. */
  commit(step = this.#step + 1): void {
    this.#flush();
    this.#step = Math.max(step, this.#step);
    this.#mediaStep = this.#step;
  }

  #moveTo(options: LogOptions): boolean {
    const { commit } = options;
    const step = this.#setting.shared ? this.#ignoredStep(options.step) : options.step;
    if (step !== undefined && step > this.#mediaStep) this.#mediaStep = step;
    if (commit === true || (commit === undefined && step === undefined)) this.#mediaStep++;

    if (step !== undefined && step < this.#step) {
      if (this.#dropped++ === 0) {
        this.#setting.warn(
          `log(): step ${step} is below the current step ${this.#step}, so its data were dropped, and those of ` +
            "further such calls will be. Steps of a W&B run only go up: log another x value as a metric of its own " +
            "and name it in defineMetric(name, { stepMetric }).",
        );
      }
      return false;
    }
    if (step !== undefined && step > this.#step) {
      this.#flush();
      this.#step = step;
    }
    return true;
  }

  #open(wallTime: number): Branch {
    this.#row ??= new Map();
    this.#wallTime = wallTime;
    return this.#row;
  }

  #settle({ commit, step }: LogOptions): void {
    if (!(commit ?? (step === undefined || this.#setting.shared))) return;
    this.#flush();
    this.#step++;
  }

  /** Writes the row that is still open at the end of the run. */
  finish(): void {
    this.#flush();
  }

  #flush(): void {
    const row = this.#row;
    if (row === undefined) return;
    this.#row = undefined;
    const { startTime, priorRuntime = 0, shared, metrics, summary } = this.#setting;
    // Microseconds, the resolution of the clock; less would be digits of a rounding error.
    row.set("_runtime", Math.round((this.#wallTime - startTime + priorRuntime) * 1e6) / 1e6);
    if (shared) row.delete("_step");
    else row.set("_step", this.#step);
    metrics.prepare(row);
    summary.observe(row);
    this.#setting.write(row, shared ? undefined : this.#step);
  }

  #ignoredStep(step: number | undefined): undefined {
    if (step !== undefined && !this.#warnedOfShared) {
      this.#warnedOfShared = true;
      this.#setting.warn(
        "log(): step is ignored in shared mode, where the server orders the rows. Log an x value as a metric of its " +
          "own and name it in defineMetric(name, { stepMetric }).",
      );
    }
    return undefined;
  }
}
