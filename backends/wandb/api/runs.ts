import type { ConnectionAnswer, PageOptions, Pages } from "./pages.js";
import { pagesOf } from "./pages.js";
import type { ProjectPath } from "./paths.js";
import { ApiRun } from "./run.js";
import { RUN_COUNT, RUNS, type RunRecord } from "./run-record.js";
import { type ApiSession, notFound } from "./session.js";

/** Which runs of a project are listed, and in which order. */
export interface RunsOptions extends PageOptions {
  /**
   * In the style of MongoDB, sent as it is: `{ "config.lr": 0.1 }`, `{ state: "finished" }`,
   * `{ $or: [{ tags: "a" }, { "summary_metrics.loss": { $lt: 0.5 } }] }`.
   */
  readonly filters?: { readonly [key: string]: unknown } | undefined;
  /** `+created_at` (the default), `-created_at`, `-summary_metrics.loss`, `+config.lr.value`, `heartbeat_at` ... */
  readonly order?: string | undefined;
}

/** The runs of a project. */
export function runsOf(
  session: ApiSession,
  where: () => Promise<ProjectPath>,
  { filters = {}, order = "+created_at", ...options }: RunsOptions,
): Pages<ApiRun> {
  const text = JSON.stringify(filters);
  return pagesOf(
    async (perPage, cursor) => {
      const path = await where();
      const { project } = await session.query<{
        project: { runs: ConnectionAnswer<RunRecord> } | null;
      }>(RUNS, { ...path, perPage, cursor, order, filters: text });
      if (project === null) throw notFound(`project ${path.entity}/${path.project}`);
      return project.runs;
    },
    async (record: RunRecord) => new ApiRun(session, { ...(await where()), name: record.name }, record),
    options,
    async () => {
      const path = await where();
      const { project } = await session.query<{ project: { runCount: number } | null }>(RUN_COUNT, {
        ...path,
        filters: text,
      });
      if (project === null) throw notFound(`project ${path.entity}/${path.project}`);
      return project.runCount;
    },
  );
}
