import { TraceletError } from "../../../src/errors.js";
import { sweepPage } from "../server/address.js";
import { type Operation, operation } from "../server/graphql.js";
import { type ConnectionAnswer, type PageOptions, type Pages, pagesOf } from "./pages.js";
import type { ItemPath, ProjectPath } from "./paths.js";
import type { ApiRun } from "./run.js";
import { type RunsOptions, runsOf } from "./runs.js";
import { type ApiSession, isRefusedField, notFound } from "./session.js";

/** A search over configurations (Python: `Sweep`). */
export interface ApiSweep {
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  /** The one that was given, else the id. */
  readonly name: string;
  /** `RUNNING`, `PAUSED`, `FINISHED`, `CANCELED` ... */
  readonly state: string;
  /** Its definition: `method`, `metric`, `parameters` ... */
  readonly config: { readonly [key: string]: unknown };
  /** ISO 8601. */
  readonly createdAt: string | undefined;
  readonly runCount: number | undefined;
  /** How many runs there will be; undefined when there is no end. */
  readonly expectedRunCount: number | undefined;
  /** Best value so far of the metric that is searched for. */
  readonly bestLoss: number | undefined;
  /** How runs are ordered by the metric, best first: `+summary_metrics.loss`. */
  readonly order: string | undefined;
  /** Address of its page. */
  readonly url: string;
  /** Its runs. */
  runs(options?: RunsOptions): Pages<ApiRun>;
  /** The first run in an order; default: the best by the metric, or the newest. Undefined without runs. */
  bestRun(order?: string): Promise<ApiRun | undefined>;
}

interface SweepRecord {
  readonly id: string;
  readonly name: string;
  readonly displayName?: string | null;
  readonly state: string;
  readonly bestLoss: number | null;
  /** YAML. */
  readonly config: string;
  readonly createdAt?: string | null;
  readonly runCount?: number | null;
  readonly runCountExpected?: number | null;
}

const FIELDS = "id name displayName state bestLoss config createdAt runCount runCountExpected";
const sweepQuery = (fields: string): Operation =>
  operation(`query GetSweep($name: String!, $project: String, $entity: String) {
    project(name: $project, entityName: $entity) { sweep(sweepName: $name) { ${fields} } } }`);
const SWEEP = sweepQuery(FIELDS);
const OLDER_SWEEP = sweepQuery("id name state bestLoss config");
const SWEEPS =
  operation(`query GetSweeps($project: String!, $entity: String!, $cursor: String, $perPage: Int = 50) {
  project(name: $project, entityName: $entity) { totalSweeps sweeps(after: $cursor, first: $perPage) {
    edges { node { ${FIELDS} } } pageInfo { endCursor hasNextPage } } } }`);

/** @throws TraceletError `invalid-value` when there is no such sweep */
export async function fetchSweep(session: ApiSession, path: ItemPath): Promise<ApiSweep> {
  const ask = (asked: Operation) =>
    session.query<{ project: { sweep: SweepRecord | null } | null }>(asked, { ...path });
  const { project } = await ask(SWEEP).catch((error: unknown) => {
    if (isRefusedField(error)) return ask(OLDER_SWEEP);
    throw error;
  });
  if (!project?.sweep) throw notFound(`sweep ${path.entity}/${path.project}/${path.name}`);
  return sweepOf(session, path, project.sweep);
}

/** The sweeps of a project. */
export function sweepsOf(
  session: ApiSession,
  where: () => Promise<ProjectPath>,
  options: PageOptions,
): Pages<ApiSweep> {
  const ask = async (perPage: number, cursor: string | undefined) => {
    const path = await where();
    const { project } = await session.query<{
      project: { totalSweeps: number; sweeps: ConnectionAnswer<SweepRecord> } | null;
    }>(SWEEPS, { ...path, perPage, cursor });
    if (project === null) throw notFound(`project ${path.entity}/${path.project}`);
    return project;
  };
  return pagesOf(
    async (perPage, cursor) => (await ask(perPage, cursor)).sweeps,
    async (record: SweepRecord) => sweepOf(session, await where(), record),
    options,
    async () => (await ask(1, undefined)).totalSweeps,
  );
}

async function sweepOf(
  session: ApiSession,
  { entity, project }: ProjectPath,
  record: SweepRecord,
): Promise<ApiSweep> {
  const config = await readConfig(record);
  const order = orderOf(config);
  const runs = (options: RunsOptions = {}): Pages<ApiRun> => {
    const { filters, ...rest } = options;
    const own = { sweep: record.name };
    const both = { $and: filters === undefined ? [own] : [own, filters] };
    return runsOf(session, async () => ({ entity, project }), { ...rest, filters: both });
  };
  return {
    id: record.name,
    entity,
    project,
    name: record.displayName || (typeof config["name"] === "string" ? config["name"] : record.name),
    state: record.state,
    config,
    createdAt: record.createdAt ?? undefined,
    runCount: record.runCount ?? undefined,
    expectedRunCount: record.runCountExpected ?? undefined,
    bestLoss: record.bestLoss ?? undefined,
    order,
    url: sweepPage({ app: session.appUrl, entity, project }, record.name),
    runs,
    async bestRun(chosen = order ?? "-created_at") {
      const [best] = await runs({ order: chosen, limit: 1 }).toArray();
      return best;
    },
  };
}

async function readConfig({ config, name }: SweepRecord): Promise<ApiSweep["config"]> {
  const { parse } = await import("yaml");
  try {
    return (parse(config) ?? {}) as ApiSweep["config"];
  } catch (cause) {
    throw new TraceletError("backend-failed", `The definition of sweep ${name} is no YAML.`, {
      backend: "wandb",
      cause,
    });
  }
}

function orderOf(config: ApiSweep["config"]): string | undefined {
  const metric = config["metric"] as { readonly name?: unknown; readonly goal?: unknown } | undefined;
  if (typeof metric?.name !== "string") return undefined;
  return `${metric.goal === "maximize" ? "-" : "+"}summary_metrics.${metric.name}`;
}
