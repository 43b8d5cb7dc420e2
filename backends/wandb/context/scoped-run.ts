import { printLine } from "../../../src/backend/trouble.js";
import { getDistributedInfo } from "../../../src/distributed/detect.js";
import { withExperiment } from "../../../src/logging.js";
import { generateId } from "../run/run-id.js";
import { openRun } from "../sdk/init.js";
import type { Run } from "../sdk/run.js";
import { mergeConfig, toInitOptions, type WandbConfig } from "./config.js";
import { downloadLogs } from "./download-logs.js";
import { baseIdOf, planIdentity, type RunIdentity } from "./identity.js";
import { enclosingRun, getWandbConfig, type RunScope, withRuns } from "./scope.js";

/** The run of one call of a function. */
export interface ScopedRun {
  readonly run: Run;
  /** Resolves when the server knows the run, or is late; rejects when the run may not begin. */
  readonly connect: () => Promise<void>;
  /** Runs a function where this run is the current one. */
  readonly enter: <T>(body: () => T) => T;
  /** Ends the run, unless whoever opened it does; resolves when it has ended. */
  readonly end: (exitCode: number) => Promise<void>;
}

/** Ids of the runs opened here that have not ended. */
const openIds = new Set<string>();

/**
 * The run that a call with these options logs to: the enclosing one, or one that is opened now, without waiting for
 * anything.
 */
export function openScopedRun(options: WandbConfig): ScopedRun {
  const config = mergeConfig(getWandbConfig(), options);
  const enclosing = enclosingRun();
  const identity = identify(config, enclosing);
  if (enclosing !== undefined && identity.use === "enclosing") {
    return { run: enclosing, connect: async () => {}, enter: (body) => body(), end: async () => {} };
  }
  const runs: RunScope = { open: [], current: undefined };
  const run = openRun(optionsFor(config, identity), runs, "role" in identity);
  if (identity.use === "parent" && run.mode === "shared" && config.parent?.mode === "online") {
    printLine(
      `wandb: run ${run.id} is open in another process in mode "online", and the server takes several writers only in ` +
        'shared mode. Open it there with mode: "shared" or execution: "remote".',
    );
  }
  openIds.add(run.id);
  return {
    run,
    async connect() {
      await run.experiment.ready;
      await run.connected();
    },
    enter: (body) => withExperiment(run.experiment, () => withRuns(runs, body)),
    async end(exitCode) {
      openIds.delete(run.id);
      await run.finish({ exitCode });
      if (exitCode === 0 && config.downloadLogs === true) await downloadLogs(run);
    },
  };
}

function identify(config: WandbConfig, enclosing: Run | undefined): RunIdentity {
  const { id, parent, task, runMode = "auto", execution = "local" } = config;
  if (enclosing === undefined && getDistributedInfo() !== undefined) {
    // The rank policy decides (src/distributed), and what started the job plays no part.
    const jobId = id ?? baseIdOf(task);
    return { use: "own", ...(jobId === undefined ? {} : { id: jobId }) };
  }
  return planIdentity({
    runMode,
    execution,
    task,
    explicitId: id,
    parent:
      enclosing !== undefined
        ? { id: enclosing.id, process: "this" }
        : parent && { id: parent.id, process: "other" },
  });
}

function optionsFor(config: WandbConfig, identity: RunIdentity): ReturnType<typeof toInitOptions> {
  const options = toInitOptions(config);
  const { runMode, rankScope } = getDistributedInfo() === undefined ? {} : config;
  if (identity.use === "enclosing") return options;
  const { id, role } = identity;
  const { project, entity, mode } = (identity.use === "parent" && config.parent) || {};
  return {
    ...options,
    ...(runMode === undefined ? {} : { runMode }),
    ...(rankScope === undefined ? {} : { rankScope }),
    reinit: "create_new",
    // Another project would make it another run, whatever its id.
    ...(project === undefined ? {} : { project }),
    ...(entity === undefined ? {} : { entity }),
    // A run that is kept here is not sent by its children.
    ...(mode === undefined || options.mode !== undefined ? {} : { mode }),
    ...(id === undefined ? {} : { id: id === baseIdOf(config.task) ? unused(id) : id }),
    ...(role === undefined ? {} : { settings: { ...options.settings, ...role } }),
  };
}

/** Two runs that are open at once in one task would become one at the server. */
const unused = (id: string): string => (openIds.has(id) ? `${id}-${generateId()}` : id);
