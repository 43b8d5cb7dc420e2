import {
  appUrl,
  DEFAULT_BASE_URL,
  groupPage,
  type ProjectPath,
  projectPage,
  runPage,
  sweepPage,
} from "../server/address.js";
import { settingsFromEnvironment } from "../settings/sources.js";
import { mergeConfig, type WandbConfig } from "./config.js";
import { enclosingRun, getWandbConfig, toParent } from "./scope.js";
import { baseIdOf } from "./task.js";

/** What a link to a run follows from; what is not given comes from the context. */
export interface LinkOptions
  extends Pick<
    WandbConfig,
    "host" | "entity" | "project" | "id" | "group" | "runMode" | "rankScope" | "task" | "parent"
  > {
  /** Address of the pages where it does not follow from `host`. `WANDB_APP_URL`. */
  appUrl?: string;
  /** Nodes of the job: a number, or a range such as `"1:4"`, of which the upper end counts. Default 1. */
  nodes?: number | string;
  /** Processes on each node. Default 1; so is a text that is no number, such as `"auto"`. */
  processesPerNode?: number | string;
  /** Which node, from 0. Default 0. */
  worker?: number;
  /** What the link is called. Default `Weights & Biases`. */
  title?: string;
}

/** What a link takes from its surroundings. */
export type LinkContext = WandbConfig & Pick<LinkOptions, "appUrl">;

/** A page and what it is called. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

/**
 * Page of the run that a function will have, before it is opened: where its group is for `runMode` `new` in a job of several
 * processes, the project when the id is not known beforehand, and the host when the project or the entity is not. Asks
 * nobody.
 *
 * @param options over the context
 * @param context default: the context here (`withWandbConfig`, the enclosing run) over `WANDB_*` variables
 *
 * @example
 * ```ts
 * wandb.runLink({ entity: "team", project: "digits", task: { runName: "r1", actionName: "train" } });
 * // "https://wandb.ai/team/digits/runs/r1-train"
 * ```
 */
export function runLink(options: LinkOptions = {}, context: LinkContext = linkContext()): string {
  const { config, distributed, suffix } = jobOf(options, context);
  const { id, parent, task, runMode = "auto" } = config;
  if (distributed && runMode === "new") return groupLink(options, context);
  if (!distributed && runMode !== "new" && id === undefined && parent !== undefined) {
    // The run is where it was opened, whatever the context says of others.
    return pageOf({ ...config, ...parent }, (path) => runPage(path, parent.id));
  }
  const base = distributed || runMode !== "shared" ? baseIdOf(task) : undefined;
  const own = id ?? base;
  return pageOf(config, (path) => (own === undefined ? projectPage(path) : runPage(path, own + suffix)));
}

/**
 * Links to all runs of a job: one, or with `rankScope` `worker` on several nodes one for each node.
 *
 * @param options over the context
 * @param context default: the context here
 *
 * @example
 * ```ts
 * for (const { title, url } of wandb.runLinks({ nodes: 2, rankScope: "worker" })) console.log(title, url);
 * ```
 */
export function runLinks(options: LinkOptions = {}, context: LinkContext = linkContext()): Link[] {
  const { title = "Weights & Biases" } = options;
  const { workers } = jobOf(options, context);
  if (workers === 1) return [{ title, url: runLink(options, context) }];
  return Array.from({ length: workers }, (_, worker) => ({
    title: `${title} (worker ${worker})`,
    url: runLink({ ...options, worker }, context),
  }));
}

/**
 * Page of the group that the processes of a job have with `runMode` `new`.
 *
 * @param options over the context; `group` counts as it is given
 * @param context default: the context here
 *
 * @example
 * ```ts
 * console.log(wandb.groupLink({ entity: "team", project: "digits", group: "sweep-7" }));
 * ```
 */
export function groupLink(options: LinkOptions = {}, context: LinkContext = linkContext()): string {
  const { config, suffix } = jobOf(options, context);
  const base = config.id ?? baseIdOf(config.task);
  const group = config.group ?? (base === undefined ? undefined : base + suffix);
  return pageOf(config, (path) => (group === undefined ? projectPage(path) : groupPage(path, group)));
}

/**
 * Page of a sweep; without `id` the page of all sweeps of the project.
 *
 * @param options over the context
 * @param context default: the context here
 *
 * @example
 * ```ts
 * console.log(wandb.sweepLink({ entity: "team", project: "digits", id: "x1y2z3a4" }));
 * ```
 */
export function sweepLink(
  options: Pick<LinkOptions, "host" | "appUrl" | "entity" | "project" | "id"> = {},
  context: LinkContext = linkContext(),
): string {
  return pageOf(mergeConfig(context, options), (path) => sweepPage(path, options.id));
}

interface Job {
  readonly config: LinkContext;
  /** Whether it has several processes. */
  readonly distributed: boolean;
  /** How many runs or groups it has, one for each node. */
  readonly workers: number;
  /** What tells the runs of the nodes apart. */
  readonly suffix: string;
}

function jobOf(options: LinkOptions, context: LinkContext): Job {
  const { nodes, processesPerNode, worker = 0, title: _title, ...given } = options;
  const config: LinkContext = mergeConfig(context, given);
  const several = countOf(nodes);
  const perNode = several > 1 && config.rankScope === "worker";
  return {
    config,
    distributed: several > 1 || countOf(processesPerNode) > 1,
    workers: perNode ? several : 1,
    suffix: perNode ? `-worker-${worker}` : "",
  };
}

/** A page of the project; the host's when the project or the entity is not known. */
function pageOf(config: LinkContext, page: (path: ProjectPath) => string): string {
  const { entity, project, host, settings } = config;
  const app = appUrl(
    host ?? (settings?.["baseUrl"] as string | undefined) ?? DEFAULT_BASE_URL,
    config.appUrl,
  );
  return entity && project ? page({ app, entity, project }) : app;
}

function countOf(given: number | string = 1): number {
  const count = Number(String(given).split(":").at(-1));
  return Number.isInteger(count) && count > 1 ? count : 1;
}

/** What is known here: the enclosing run, what the context says, and the variables. */
function linkContext(): LinkContext {
  const { entity, project, baseUrl: host } = settingsFromEnvironment(process.env);
  const pages = process.env["WANDB_APP_URL"];
  const variables: LinkContext = {
    ...(entity === undefined ? {} : { entity }),
    ...(project === undefined ? {} : { project }),
    ...(host === undefined ? {} : { host }),
    ...(pages ? { appUrl: pages } : {}),
  };
  const run = enclosingRun();
  return {
    ...mergeConfig(variables, getWandbConfig()),
    ...(run === undefined ? {} : { parent: toParent(run) }),
  };
}
