import { count, flag, maybe, name, object, text } from "../server/answer-shape.js";
import { type Graphql, operation, type QueryOptions } from "../server/graphql.js";
import { GRAPHQL_RETRY, RequestError, UPSERT_RETRY } from "../server/retry.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";
import type { RunFields, UpsertVariables } from "./run-fields.js";

const UPSERT_BUCKET = operation(
  `
  mutation UpsertBucket(
    $id: String, $name: String, $project: String, $entity: String, $groupName: String, $description: String,
    $displayName: String, $notes: String, $commit: String, $config: JSONString, $host: String, $debug: Boolean,
    $program: String, $repo: String, $jobType: String, $state: String, $sweep: String, $tags: [String!],
    $summaryMetrics: JSONString
  ) {
    upsertBucket(input: {
      id: $id, name: $name, groupName: $groupName, modelName: $project, entityName: $entity,
      description: $description, displayName: $displayName, notes: $notes, config: $config, commit: $commit,
      host: $host, debug: $debug, jobProgram: $program, jobRepo: $repo, jobType: $jobType, state: $state,
      sweep: $sweep, tags: $tags, summaryMetrics: $summaryMetrics
    }) {
      bucket {
        id name displayName description config sweepName project { id name entity { id name } } historyLineCount
      }
      inserted
    }
  }`,
  {
    upsertBucket: object({
      bucket: object({
        id: text,
        name,
        displayName: maybe(text),
        sweepName: maybe(text),
        historyLineCount: maybe(count),
        project: maybe(object({ name, entity: object({ name }) })),
      }),
      inserted: maybe(flag),
    }),
  },
);

const TOO_LARGE = 413;

/** Changes are collected for this long before they are sent. */
const DEBOUNCE_MS = 5_000;

/** How a server knows a run. */
export interface RunIdentity {
  readonly storageId: string;
  readonly runId: string;
  readonly entity: string;
  readonly project: string;
  readonly displayName: string | undefined;
  readonly sweepId: string | undefined;
  /** Rows it had before. */
  readonly historyLines: number;
  /** False when the run was there already. */
  readonly inserted: boolean;
}

export interface UpsertOptions extends QueryOptions {
  readonly graphql: Graphql;
  readonly fields: RunFields;
  /** The configuration's JSON text as it is now. */
  readonly config: () => string;
  /** Told of a later change that could not be sent. */
  readonly onTrouble: (error: unknown) => void;
}

/** Makes a run known, and its later changes, a few seconds' worth at a time. */
export interface Upserts {
  /** @throws RequestError when the server refuses the run */
  first(): Promise<RunIdentity>;
  /** Something is new in the fields, or in the configuration. */
  changed(what: "fields" | "config"): void;
  /** Sends what waits; resolves with whether nothing is left to send. */
  flush(): Promise<boolean>;
}

interface Bucket {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly sweepName: string | null;
  readonly historyLineCount: number | null;
  readonly project: { readonly name: string; readonly entity: { readonly name: string } } | null;
}

export function createUpserts(options: UpsertOptions): Upserts {
  const { graphql, fields, config, onTrouble, policy = GRAPHQL_RETRY, ...rest } = options;
  const query = { ...rest, policy: { ...policy, repeats: UPSERT_RETRY.repeats } };
  let waiting = { fields: false, config: false };
  /** What could not be sent before; it goes with the next change, or at the end. */
  let unsent: Partial<UpsertVariables> = {};
  let timer: NodeJS.Timeout | undefined;
  /** The one under way; the next waits for it, so that they arrive in their order. */
  let sending: Promise<boolean> = Promise.resolve(true);

  const upsert = async (variables: UpsertVariables, returned?: number) => {
    const { upsertBucket } = await graphql.query<{
      readonly upsertBucket: { readonly bucket: Bucket; readonly inserted: boolean | null };
    }>(UPSERT_BUCKET, { ...variables }, { ...query, returned });
    return upsertBucket;
  };

  const isTooLarge = (error: unknown): boolean => error instanceof RequestError && error.status === TOO_LARGE;

  /**
   * A configuration that is too large for the server keeps nothing else from it: without it, or with the least that makes
   * a run one that has begun, the upsert is sent again. Refused once more after that, it was not only for a moment.
   */
  const upsertWithin = async (variables: UpsertVariables, least: (config: string) => string | null) => {
    if (variables.config === null) return { answer: await upsert(variables), isWhole: true };
    try {
      return { answer: await upsert(variables, TOO_LARGE), isWhole: true };
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      const answer = await upsert({ ...variables, config: least(variables.config) });
      const isWhole = await upsert(variables, TOO_LARGE).then(
        () => true,
        (again: unknown) => {
          if (!isTooLarge(again)) throw again;
          return false;
        },
      );
      return { answer, isWhole };
    }
  };

  /** It is sent again with the next change, and at the end. */
  const leaveConfig = (): void => {
    waiting.config = true;
    onTrouble(new RequestError("the server refuses it as too large (413)", TOO_LARGE));
  };

  const sendChanges = async (): Promise<boolean> => {
    clearTimeout(timer);
    timer = undefined;
    if (!waiting.fields && !waiting.config && Object.keys(unsent).length === 0) return true;
    const variables = fields.upsert(waiting.config ? config() : undefined);
    waiting = { fields: false, config: false };
    const said = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== null));
    unsent = { ...unsent, ...said };
    try {
      const { isWhole } = await upsertWithin({ ...variables, ...unsent }, () => null);
      unsent = {};
      if (!isWhole) leaveConfig();
      return isWhole;
    } catch (error) {
      if (!query.signal?.aborted) onTrouble(error);
      return false;
    }
  };

  const flush = (): Promise<boolean> => {
    sending = sending.then(sendChanges);
    return sending;
  };

  return {
    async first() {
      waiting = { fields: false, config: false };
      const variables = fields.upsert(config());
      // A run that was there keeps the configuration that it has.
      const { answer, isWhole } = await upsertWithin(
        variables,
        variables.id === null ? beginning : () => null,
      );
      const { bucket, inserted } = answer;
      const project = bucket.project?.name ?? fields.names().project;
      const entity = bucket.project?.entity.name ?? fields.names().entity;
      if (entity === "") throw new RequestError("UpsertBucket: the server does not say whose run it is", 200);
      fields.adopt({ storageId: bucket.id, runId: bucket.name, entity, project });
      if (!isWhole) leaveConfig();
      return {
        storageId: bucket.id,
        runId: fields.names().runId,
        entity,
        project,
        displayName: bucket.displayName ?? undefined,
        sweepId: bucket.sweepName ?? undefined,
        historyLines: bucket.historyLineCount ?? 0,
        inserted: inserted ?? false,
      };
    },
    changed(what) {
      waiting[what] = true;
      // A run that was given up meanwhile does not keep the process for it.
      timer ??= setTimeout(() => void flush(), DEBOUNCE_MS).unref();
    },
    flush,
  };
}

/** What of a configuration says that its run has begun: `_wandb` with the telemetry and who writes it. */
function beginning(config: string): string {
  const { _wandb } = parseJson(config) as { readonly _wandb?: { readonly value?: LoggedObject } };
  const { t = {}, cli_version } = _wandb?.value ?? {};
  return encodeJson({ _wandb: { value: { t, cli_version } } });
}

type LoggedObject = { readonly [key: string]: LoggedValue };
