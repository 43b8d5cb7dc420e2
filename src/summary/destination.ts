import type { Event } from "../events/event.js";
import type { Experiment } from "../experiment.js";
import { createExperiment, createPlannedExperiment, getActiveExperiment } from "../logging.js";
import type { StartOptions } from "../settings/start-options.js";

/** Options of a `SummaryWriter`; the names of PyTorch's. */
export interface SummaryWriterOptions {
  /** Ends the name of the default folder; not used with a `logDir`. */
  readonly comment?: string;
  /** For a resumed run: hides what was logged before at this step and later. */
  readonly purgeStep?: number;
  /** Ends the names of the event files. */
  readonly filenameSuffix?: string;
  /** The experiment to log to; default: the active one. */
  readonly experiment?: Experiment;
}

/** Where a writer's calls go: the given or active experiment, and event files of its own if it has a folder or nothing else. */
export interface Destination {
  /** The experiment that takes the next call; one that has ended is replaced. */
  target(): Experiment;
  /** A second one, if there are two: asked for after `target`. */
  readonly also: Experiment | undefined;
  record(event: Event): void;
  flush(): Promise<void>;
  /** Ends the writer's own event files; a writer that is used again opens new ones. */
  close(): Promise<void>;
}

export function createDestination(logDir: string | undefined, options: SummaryWriterOptions): Destination {
  let current: Experiment | undefined;
  /** The experiment of the writer's own event files. */
  let own: Experiment | undefined;

  const bind = (): Experiment => {
    const experiment = options.experiment ?? getActiveExperiment();
    if (current?.ended && experiment === undefined) return current;
    if (own === undefined && (logDir !== undefined || experiment === undefined)) own = openFiles(experiment);
    current = experiment ?? own!;
    destination.also = experiment === undefined ? undefined : own;
    return current;
  };

  /** Beside an experiment, the same ranks write event files as log to it. */
  const openFiles = (beside: Experiment | undefined): Experiment => {
    const { comment, purgeStep, filenameSuffix } = options;
    const given: StartOptions<"tensorboard"> = {
      system: false,
      git: false,
      environment: false,
      ...(beside !== undefined && { signals: beside.signals }),
      config: {
        ...(logDir !== undefined && { logDir }),
        ...(comment !== undefined && { comment }),
        ...(purgeStep !== undefined && { purgeStep }),
        ...(filenameSuffix !== undefined && { filenameSuffix }),
      },
    };
    return beside === undefined
      ? createExperiment("tensorboard", given)
      : createPlannedExperiment("tensorboard", given, beside.plan);
  };

  const destination = {
    also: undefined as Experiment | undefined,
    target: () => (current === undefined || current.ended ? bind() : current),
    record(event: Event) {
      destination.target().record(event);
      destination.also?.record(event);
    },
    async flush() {
      await Promise.all([current?.flush(), destination.also?.flush()]);
    },
    async close() {
      const files = own;
      if (files === undefined) return destination.flush();
      if (current === files) current = undefined;
      destination.also = undefined;
      own = undefined;
      await files.finish();
    },
  };
  if (options.experiment !== undefined || logDir !== undefined || getActiveExperiment() !== undefined) bind();
  return destination;
}
