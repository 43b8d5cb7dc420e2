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
