import { operation } from "../server/graphql.js";
import { type ConnectionAnswer, checkCount, type PageOptions, type Pages, pagesOf } from "./pages.js";
import type { ItemPath } from "./paths.js";
import { type ApiSession, notFound } from "./session.js";

/** A line that a run printed. */
export interface ConsoleLine {
  readonly number: number;
  readonly line: string;
  /** ISO 8601; null when the server does not know. */
  readonly timestamp: string | null;
  /** `error` for the standard error; null for the standard output. */
  readonly level: string | null;
  /** Of one of several writers of a shared run. */
  readonly label: string | null;
}

/** Which lines of a run's console are read. */
export interface LogsOptions {
  /** Only the last so many. Default: all. */
  readonly tail?: number | undefined;
  /** Lines of one request. Default 1000. */
  readonly perPage?: number | undefined;
}

const NODE = "edges { node { number timestamp level label line } }";
const TAIL =
  operation(`query RunConsoleLogTail($project: String!, $entity: String!, $name: String!, $last: Int!) {
  project(name: $project, entityName: $entity) { run(name: $name) {
    logLines(last: $last) { ${NODE} pageInfo { endCursor hasNextPage } } } } }`);
const LINES =
  operation(`query RunConsoleLogs($project: String!, $entity: String!, $name: String!, $first: Int!,
    $cursor: String) {
  project(name: $project, entityName: $entity) { run(name: $name) {
    logLines(first: $first, after: $cursor, useImprovedPagination: true) {
      ${NODE} pageInfo { endCursor hasNextPage } } } } }`);
const COUNT = operation(`query RunLogLineCount($project: String!, $entity: String!, $name: String!) {
  project(name: $project, entityName: $entity) { run(name: $name) { logLineCount } } }`);

interface Answer {
  readonly project: {
    readonly run: {
      readonly logLines: ConnectionAnswer<ConsoleLine>;
      readonly logLineCount: number | null;
    } | null;
  } | null;
}

/** What a run printed, oldest line first. */
export function consoleLines(
  session: ApiSession,
  path: ItemPath,
  { tail, perPage = 1000 }: LogsOptions,
): Pages<ConsoleLine> {
  if (tail !== undefined) checkCount("tail", tail, 1);
  const ask = async (asked: typeof LINES, variables: object) => {
    const { project } = await session.query<Answer>(asked, { ...path, ...variables });
    if (!project?.run) throw notFound(`run ${path.entity}/${path.project}/${path.name}`);
    return project.run;
  };
  const fetchPage = async (first: number, cursor: string | undefined) => {
    if (tail === undefined) return (await ask(LINES, { first, cursor })).logLines;
    const { edges } = (await ask(TAIL, { last: tail })).logLines;
    return { edges, pageInfo: { endCursor: null, hasNextPage: false } };
  };
  const count = async (): Promise<number> =>
    Math.min((await ask(COUNT, {})).logLineCount ?? 0, tail ?? Number.POSITIVE_INFINITY);
  const options: PageOptions = { perPage };
  return pagesOf(fetchPage, (line: ConsoleLine) => line, options, count);
}
