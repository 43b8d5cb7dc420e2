import { types } from "node:util";
import { printLine } from "../../../src/backend/trouble.js";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { checkConfig } from "./config.js";
import { openScopedRun } from "./scoped-run.js";
import { endAfter, type RunOptions, withRun } from "./with-run.js";

type AnyFunction = (this: never, ...args: never[]) => unknown;

/** Gives a function, or a method as its decorator, a run. */
export type RunWrapper = <F extends AnyFunction>(fn: F, context?: ClassMethodDecoratorContext) => F;

/**
 * Gives a function a run for each call, as `withRun` does for a body: `wandbInit(options)(fn)`, or `@wandbInit(options)` before
 * a method. What comes out is called as `fn` is: same arguments, `this`, name and result, sync if `fn` is sync. Inside,
 * `getRun()` is the run.
 *
 * An async function resolves when its run has ended. A sync function does not wait: its run is opened at once, ended when
 * it returns, and written and sent in the background, as everything that is logged; the end of the process waits for it.
 *
 * @param options over the context (`withWandbConfig`), over `WANDB_*` variables, over the defaults
 * @throws TraceletError `invalid-option` for an option outside the rules
 * @throws TraceletError `invalid-value` for a generator, whose body runs when nobody can say which call it belongs to, and
 *   for a decorator of anything but a method
 *
 * @example
 * ```ts
 * import * as wandb from "tracelet/wandb";
 *
 * const evaluate = wandb.wandbInit({ jobType: "evaluation", mode: "offline" })((scores: number[]) => {
 *   const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
 *   wandb.log({ mean });
 *   return mean;
 * });
 * console.log(evaluate([1, 2, 3])); // 2
 * ```
 */
export function wandbInit(options: RunOptions = {}): RunWrapper {
  checkConfig(options, "wandbInit");
  return <F extends AnyFunction>(fn: F, context?: { readonly kind: string }): F => {
    check(fn, context);
    const wrapped = isAsync(fn) ? waiting(fn, options) : immediate(fn, options);
    for (const property of ["name", "length"] as const) {
      Object.defineProperty(wrapped, property, { value: fn[property], configurable: true });
    }
    return wrapped as unknown as F;
  };
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;

function waiting(fn: AnyFunction, options: RunOptions): Callable {
  return async function (...args) {
    return withRun(options, () => (fn as Callable).apply(this, args));
  };
}

function immediate(fn: AnyFunction, options: RunOptions): Callable {
  return function (...args) {
    const scoped = openScopedRun(options);
    // Nobody waits for the server here; it refuses a run only when `resume` says that there must be one, or none.
    scoped.connect().catch((error: unknown) => printLine(`wandb: ${messageOf(error)}`));
    let result: unknown;
    try {
      result = scoped.enter(() => (fn as Callable).apply(this, args));
    } catch (error) {
      inBackground(scoped.end(1));
      throw error;
    }
    // A function that returns a promise without being `async`.
    if (isPromise(result)) return endAfter(scoped, result);
    inBackground(scoped.end(0));
    return result;
  };
}

/** What could not be written or sent is reported as it happens; with `strict` it rejects here, where nobody waits. */
function inBackground(end: Promise<void>): void {
  end.catch(() => {});
}

const isAsync = (fn: unknown): boolean => types.isAsyncFunction(fn) && !types.isGeneratorFunction(fn);

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    types.isPromise(value) || typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function"
  );
}

function check(fn: unknown, context: { readonly kind: string } | undefined): void {
  if (context !== undefined && context.kind !== "method") {
    refuse(`@wandbInit() stands before methods, not before a ${context.kind}`);
  }
  if (typeof fn !== "function") refuse("wandbInit(options) takes a function: wandbInit(options)(fn)");
  if (types.isGeneratorFunction(fn)) {
    refuse("wandbInit() cannot give a generator a run; wrap the function that loops over it");
  }
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `${rule}.`, { backend: "wandb" });
}
