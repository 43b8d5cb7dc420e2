import type { RunRecord } from "../records/record.js";

/** Variables of the mutation `UpsertBucket`: all are there, null where there is nothing to say. */
export interface UpsertVariables {
  readonly id: string | null;
  readonly name: string | null;
  readonly project: string | null;
  readonly entity: string | null;
  readonly groupName: string | null;
  readonly description: null;
  readonly displayName: string | null;
  readonly notes: string | null;
  readonly commit: string | null;
  readonly config: string | null;
  readonly host: string | null;
  readonly debug: null;
  readonly program: string | null;
  readonly repo: string | null;
  readonly jobType: string | null;
  readonly state: null;
  readonly sweep: string | null;
  readonly tags: readonly string[] | null;
  readonly summaryMetrics: null;
}

/** How the server names a run, from its answer to the first upsert. */
export interface ServerRun {
  /** The server's own id of the run. */
  readonly storageId?: string;
  readonly runId?: string;
  readonly entity?: string;
  readonly project?: string;
}

/** What the server is told of a run besides its data. */
export interface RunFields {
  /**
   * Takes a run record. What is empty in a later one changes nothing.
   *
   * @returns whether anything is new for the server
   */
  update(record: RunRecord): boolean;
  /** Takes the path of the script; returns whether it is new for the server. */
  program(path: string): boolean;
  /** Takes over how the server names the run; later upserts and addresses use it. */
  adopt(run: ServerRun): void;
  /**
   * The variables of the next upsert. Name, notes, tags and the like are among them only when they changed since the
   * last call: sent again, they would undo what somebody changed on the server meanwhile.
   *
   * @param config the config's JSON text if it changed, which it has at the first call
   */
  upsert(config: string | undefined): UpsertVariables;
  /** How the run is named now. */
  readonly names: () => { readonly runId: string; readonly entity: string; readonly project: string };
}

/**
 * Collects the fields of a run from its records.
 *
 * @param options.program path of the script, if known
 */
export function createRunFields(options: { readonly program?: string } = {}): RunFields {
  let known: RunRecord = {};
  let storageId: string | undefined;
  let changed = true;
  let { program } = options;
  let isNewProgram = false;
  return {
    update(record) {
      const next: RunRecord = { ...known };
      for (const field of TEXTS) if (record[field]) next[field] = record[field];
      if (record.tags !== undefined && record.tags.length > 0) next.tags = record.tags;
      if (record.git !== undefined) {
        const { remoteUrl, commit } = record.git;
        next.git = { ...known.git, ...(remoteUrl ? { remoteUrl } : {}), ...(commit ? { commit } : {}) };
      }
      const isNew = JSON.stringify(next) !== JSON.stringify(known);
      known = next;
      changed ||= isNew;
      return isNew;
    },
    program(path) {
      isNewProgram ||= path !== program;
      program = path;
      return isNewProgram;
    },
    adopt({ storageId: id, runId, entity, project }) {
      storageId = id || storageId;
      known = {
        ...known,
        ...(runId ? { runId } : {}),
        ...(entity ? { entity } : {}),
        ...(project ? { project } : {}),
      };
    },
    upsert(config) {
      const told = changed ? known : {};
      const toldProgram = changed || isNewProgram ? program : undefined;
      const id = changed ? storageId : undefined;
      changed = false;
      isNewProgram = false;
      return {
        id: id ?? null,
        name: known.runId || null,
        project: known.project || null,
        entity: known.entity || null,
        groupName: told.runGroup || null,
        description: null,
        displayName: told.displayName || null,
        notes: told.notes || null,
        commit: told.git?.commit || null,
        config: config ?? null,
        host: told.host || null,
        debug: null,
        program: toldProgram || null,
        repo: told.git?.remoteUrl || null,
        jobType: told.jobType || null,
        state: null,
        sweep: told.sweepId || null,
        tags: told.tags ?? null,
        summaryMetrics: null,
      };
    },
    names: () => ({
      runId: known.runId ?? "",
      entity: known.entity ?? "",
      project: known.project ?? "",
    }),
  };
}

const TEXTS = [
  "runId",
  "entity",
  "project",
  "runGroup",
  "jobType",
  "displayName",
  "notes",
  "sweepId",
  "host",
] as const;
