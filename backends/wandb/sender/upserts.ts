import { type Graphql, operation, type QueryOptions } from "../server/graphql.js";
import { UPSERT_RETRY } from "../server/retry.js";
import type { RunPath } from "./existing-run.js";

const UPSERT_BUCKET = operation(`
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
  }`);

/** Changes are collected for this long before they are sent. */
const DEBOUNCE_MS = 5_000;

/** What is said of a run besides its configuration; null for what is not known. */
export interface RunFields {
  readonly groupName: string | null;
  readonly displayName: string | null;
  readonly notes: string | null;
  readonly commit: string | null;
  readonly host: string | null;
  readonly program: string | null;
  readonly repo: string | null;
  readonly jobType: string | null;
  readonly sweep: string | null;
  readonly tags: readonly string[] | null;
}

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
  readonly path: RunPath;
  /** The server's id of a run that goes on. */
  readonly storageId?: string | undefined;
  /** The fields as they are now. */
  readonly fields: () => RunFields;
  /** The configuration's JSON text as it is now. */
  readonly config: () => string;
  /** Told of a later change that could not be sent. */
  readonly onTrouble: (error: unknown) => void;
}

/** Makes a run known, and its later changes, a few seconds' worth at a time. */
export interface Upserts {
  /** @throws RequestError when the server refuses the run */
  first(): Promise<RunIdentity>;
  fieldsChanged(): void;
  configChanged(): void;
  /** Sends what waits; resolves with whether nothing is left to send. */
  flush(): Promise<boolean>;
  /** Forgets what waits. */
  stop(): void;
}

interface Bucket {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly sweepName: string | null;
  readonly historyLineCount: number | null;
  readonly project: { readonly name: string; readonly entity: { readonly name: string } } | null;
}

const NOTHING = {
  id: null,
  groupName: null,
  description: null,
  displayName: null,
  notes: null,
  commit: null,
  config: null,
  host: null,
  debug: null,
  program: null,
  repo: null,
  jobType: null,
  state: null,
  sweep: null,
  tags: null,
  summaryMetrics: null,
};

export function createUpserts(options: UpsertOptions): Upserts {
  const { graphql, path, fields, config, onTrouble, ...query } = options;
  let name = path.runId;
  let project: string | null = path.project ?? null;
  let entity: string | null = path.entity ?? null;
  let storageId: string | null = options.storageId ?? null;
  let changed = { fields: false, config: false };
  let timer: NodeJS.Timeout | undefined;
  /** The one under way; the next waits for it, so that they arrive in their order. */
  let sending: Promise<boolean> = Promise.resolve(true);

  const upsert = async (variables: object) => {
    const { upsertBucket } = await graphql.query<{
      readonly upsertBucket: { readonly bucket: Bucket; readonly inserted: boolean | null };
    }>(
      UPSERT_BUCKET,
      { ...NOTHING, name, project, entity, ...variables },
      { policy: UPSERT_RETRY, ...query },
    );
    return upsertBucket;
  };

  const sendChanges = async (): Promise<boolean> => {
    clearTimeout(timer);
    timer = undefined;
    if (!changed.fields && !changed.config) return true;
    const what = changed;
    changed = { fields: false, config: false };
    try {
      // Fields of one change go together, and only then: those of another writer of the run stay as they are.
      await upsert({
        ...(what.fields ? { id: storageId, ...fields() } : {}),
        ...(what.config ? { config: config() } : {}),
      });
      return true;
    } catch (error) {
      // With the next change, or at the end.
      changed = { fields: changed.fields || what.fields, config: changed.config || what.config };
      onTrouble(error);
      return false;
    }
  };

  const flush = (): Promise<boolean> => {
    sending = sending.then(sendChanges);
    return sending;
  };
  const soon = () => {
    timer ??= setTimeout(() => void flush(), DEBOUNCE_MS);
  };

  return {
    async first() {
      changed = { fields: false, config: false };
      const { bucket, inserted } = await upsert({ id: storageId, ...fields(), config: config() });
      storageId = bucket.id;
      name = bucket.name || name;
      project = bucket.project?.name ?? project;
      entity = bucket.project?.entity.name ?? entity;
      return {
        storageId: bucket.id,
        runId: name,
        entity: entity ?? "",
        project: project ?? "",
        displayName: bucket.displayName ?? undefined,
        sweepId: bucket.sweepName ?? undefined,
        historyLines: bucket.historyLineCount ?? 0,
        inserted: inserted ?? false,
      };
    },
    fieldsChanged() {
      changed.fields = true;
      soon();
    },
    configChanged() {
      changed.config = true;
      soon();
    },
    flush,
    stop: () => clearTimeout(timer),
  };
}
