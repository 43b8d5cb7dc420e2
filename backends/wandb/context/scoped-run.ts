import { printLine } from "../../../src/backend/trouble.js";
import { getDistributedInfo } from "../../../src/distributed/detect.js";
import { type ParentRun, parentOf } from "../../../src/distributed/plan-run.js";
import { withExperiment } from "../../../src/logging.js";
import { readEnvironment } from "../../../src/settings/environment.js";
import { generateId } from "../run/run-id.js";
import { openRun } from "../sdk/init.js";
import type { Run } from "../sdk/run.js";
import { mergeConfig, toInitOptions, type WandbConfig } from "./config.js";
import { downloadLogs } from "./download-logs.js";
import { enclosingRun, getWandbConfig, type RunScope, withRuns } from "./scope.js";
import { baseIdOf } from "./task.js";

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

/** Ids with which runs were opened here that have not ended; a rank's own id has its rank at the end. */
const openIds = new Set<string>();

/**
 * The run that a call with these options logs to: the enclosing one, or one that is opened now, without waiting for
 * anything.
 */
export function openScopedRun(options: WandbConfig): ScopedRun {
  const config = mergeConfig(getWandbConfig(), options);
  const { id, parent, task, execution, runMode = readEnvironment(process.env).runMode } = config;
  const info = getDistributedInfo();
  const from = (run: { readonly id: string } | undefined, where: "this" | "other") =>
    run && parentOf({ info, runMode, explicit: { id }, parent: { id: run.id, process: where } });
  const enclosing = enclosingRun();
  if (enclosing !== undefined && from(enclosing, "this") !== undefined) {
    return { run: enclosing, connect: async () => {}, enter: (body) => body(), end: async () => {} };
  }
  // What is open in this process stands before what another one has handed over.
  const joined = enclosing === undefined ? from(parent, "other") : undefined;
  const runs: RunScope = { open: [], current: undefined };
  const given = optionsFor({ ...config, ...(runMode && { runMode }) }, joined, info !== undefined);
  const run = openRun(given, runs, {
    parent: joined,
    label: task?.actionName,
    shareable: execution === "remote" && info === undefined,
  });
  if (joined !== undefined && run.mode === "shared" && parent?.mode === "online") {
    printLine(
      `wandb: run ${run.id} is open in another process in mode "online", and the server takes several writers only in ` +
        'shared mode. Open it there with mode: "shared" or execution: "remote".',
    );
  }
  const openId = given.id ?? run.id;
  openIds.add(openId);
  return {
    run,
    async connect() {
      await run.experiment.ready;
      await run.connected();
    },
    enter: (body) => withExperiment(run.experiment, () => withRuns(runs, body)),
    async end(exitCode) {
      openIds.delete(openId);
      await run.finish({ exitCode });
      if (exitCode === 0 && config.downloadLogs === true) await downloadLogs(run);
    },
  };
}

function optionsFor(
  config: WandbConfig,
  joined: ParentRun | undefined,
  distributed: boolean,
): ReturnType<typeof toInitOptions> {
  const options = toInitOptions(config);
  const { runMode, rankScope, task } = config;
  const { project, entity, mode } = (joined && config.parent) || {};
  // Every run of a task has the task's id, but that is no run to share. (Ranks agree on it.)
  const own = runMode === "shared" && !distributed ? undefined : baseIdOf(task);
  const id = config.id ?? joined?.id ?? own;
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
    ...(id === undefined ? {} : { id: id === own ? unused(id, distributed) : id }),
  };
}

/** Two runs that are open at once in one task would become one at the server. Ranks agree on ids: they count. */
function unused(id: string, distributed: boolean): string {
  if (!openIds.has(id)) return id;
  if (!distributed) return `${id}-${generateId()}`;
  let count = 2;
  while (openIds.has(`${id}-run-${count}`)) count++;
  return `${id}-run-${count}`;
}
