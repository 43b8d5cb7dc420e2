import type { RankScope, RunMode } from "../../../src/distributed/plan-run.js";
import { TraceletError } from "../../../src/errors.js";

export type { RankScope, RunMode };

/** Which step of which workflow a function is. */
export interface TaskContext {
  /** The execution of the workflow. */
  runName: string;
  /** The step, different for each step of the execution. */
  actionName: string;
}

/**
 * Identity that a task's run has whenever the task is tried: `<run name>-<action name>`. Undefined without a task: the run
 * then gets a random id.
 */
export const baseIdOf = (task: TaskContext | undefined): string | undefined =>
  task === undefined ? undefined : `${task.runName}-${task.actionName}`;

/** What the identity of a run follows from. */
export interface IdentityInput {
  readonly runMode: RunMode;
  /** `remote`: other processes may add to the run. */
  readonly execution: "local" | "remote";
  readonly task: TaskContext | undefined;
  /** Id that the caller has chosen. */
  readonly explicitId: string | undefined;
  /** The run around this one, and whether it is open in this process or in another one. */
  readonly parent: { readonly id: string; readonly process: "this" | "other" } | undefined;
}

/** How one of several writers of a run stands among them; settings of `wandb.init`. */
export interface WriterRole {
  /** Name of the writer in charts and console lines; default `<host>-<random>`. */
  readonly label?: string;
  /** The primary writer records machine, code and packages. */
  readonly primary: boolean;
  /** Whether its end is the run's end; default true. */
  readonly updateFinishState?: false;
}

/** Which run it is. */
export type RunIdentity =
  /** The enclosing run as it is open in this process. Whoever opened it ends it. */
  | { readonly use: "enclosing" }
  /** A run of its own; without `id` it gets a random one. */
  | { readonly use: "own"; readonly id?: string; readonly role?: WriterRole }
  /** The parent's run, open in another process: one more writer of it, whose end does not end the run. */
  | { readonly use: "parent"; readonly id: string; readonly role: WriterRole };

/**
 * Identity of the run of a task that is not distributed. Pure. (For a distributed one the rank policy decides, and the
 * parent plays no part.)
 *
 * @throws TraceletError `invalid-option` for `shared` without a run to share
 */
export function planIdentity(input: IdentityInput): RunIdentity {
  const { runMode, execution, task, explicitId, parent } = input;
  const label = task === undefined ? {} : { label: task.actionName };
  const reuses = runMode !== "new" && (explicitId === undefined || explicitId === parent?.id);
  if (reuses && parent !== undefined) {
    if (parent.process === "this") return { use: "enclosing" };
    return { use: "parent", id: parent.id, role: { ...label, primary: false, updateFinishState: false } };
  }
  if (runMode === "shared" && explicitId === undefined) {
    throw new TraceletError(
      "invalid-option",
      'runMode "shared" goes to the run of the parent, and there is none. Call it inside withRun() or wandbInit(), ' +
        'start the process with contextToEnv(), give an id, or use "auto", which opens a run where there is none.',
      { backend: "wandb" },
    );
  }
  const id = explicitId ?? baseIdOf(task);
  return {
    use: "own",
    ...(id === undefined ? {} : { id }),
    ...(execution === "remote" ? { role: { ...label, primary: true } } : {}),
  };
}
