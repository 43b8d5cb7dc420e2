import type { RunHistory } from "../history/run-history.js";
import type { LoggedValue } from "../values/json.js";

/** The metric under which a step is kept that cannot be the row's own, and the x axis of what has such steps. */
export const GLOBAL_STEP = "global_step";

/** What the rows act on. */
export interface StepRowsTarget {
  readonly history: Pick<RunHistory, "step" | "put" | "commit">;
  /** Whether rows have no step of their own, as those of a run with several writers: every step is then kept beside. */
  readonly stepless?: boolean;
  /** Makes `global_step` the x axis of a metric. */
  useGlobalStep(tag: string): void;
}

/**
 * Puts points of any order into rows whose own step only goes up, and loses none. Points of one step share a row. A point
 * that comes late, or a second one of its tag at the same step, keeps its step under `global_step`, which is the x axis
 * of its tag from then on. A point without a step is a row of its own.
 *
 * @example
 * ```ts
 * rows.open(["loss"], 3, wallTime);
 * rows.put("loss", 0.5, wallTime);
 * rows.close(3);
 * ```
 */
export class StepRows {
  readonly #target: StepRowsTarget;
  /** Keys of the open row. */
  readonly #keys = new Set<string>();
  /** `global_step` of the open row. */
  #globalStep: number | undefined;
  /** Tags whose x axis is `global_step`. */
  readonly #late = new Set<string>();

  constructor(target: StepRowsTarget) {
    this.#target = target;
  }

  /** Makes the row that the values of these tags at this step go into the open one. */
  open(tags: readonly string[], step: number | undefined, wallTime: number): void {
    const { history, stepless } = this.#target;
    if (step === undefined) {
      if (this.#keys.size > 0) this.#next();
      return;
    }
    if (step > history.step) this.#next(step);
    const repeated = this.#keys.size > 0 && tags.some((tag) => this.#keys.has(tag));
    const back =
      stepless ||
      repeated ||
      step < history.step ||
      (this.#late.size > 0 && tags.some((tag) => this.#late.has(tag)));
    if (!back) return;
    const taken = this.#globalStep === undefined ? this.#keys.has(GLOBAL_STEP) : this.#globalStep !== step;
    if (repeated || taken) this.#next();
    if (this.#globalStep === undefined) {
      this.#globalStep = step;
      this.put(GLOBAL_STEP, step, wallTime);
    }
    for (const tag of tags) {
      if (this.#late.has(tag)) continue;
      this.#late.add(tag);
      this.#target.useGlobalStep(tag);
    }
  }

  /** Puts a value into the open row. */
  put(tag: string, value: LoggedValue, wallTime: number): void {
    this.#keys.add(tag);
    this.#target.history.put(tag, value, wallTime);
  }

  /** Ends a row without a step; others stay open for more values of their step. */
  close(step: number | undefined): void {
    if (step === undefined) this.#next();
  }

  /** Writes the open row; what comes later for its step keeps it under `global_step`. */
  flush(): void {
    if (this.#keys.size > 0) this.#next();
  }

  #next(step?: number): void {
    this.#target.history.commit(step);
    this.#keys.clear();
    this.#globalStep = undefined;
  }
}
