import type { Artifact } from "./artifacts.js";
import type { Blob } from "./blobs.js";
import type { Collection } from "./collections.js";
import { createIds } from "./ids.js";
import { createLineFile, type LineFile } from "./line-file.js";
import type { MultipartUpload } from "./multipart.js";

/** What the server knows: projects, and in them runs and artifact collections. Plain data, open to tests. */
export interface Store {
  readonly newId: (type: string) => string;
  readonly viewer: Viewer;
  /** Server features by name; a name that is absent or false counts as switched off. */
  readonly features: Map<string, boolean>;
  /** Whether new collections may have XXH128 digests; ones with versions keep their algorithm. */
  xxhashDigests: boolean;
  /** `<entity>/<project>` -> project. */
  readonly projects: Map<string, Project>;
  /** Every artifact by its id, also those that are not committed yet. */
  readonly artifacts: Map<string, Artifact>;
  /** Uploads in parts that are under way, by upload id. */
  readonly multipartUploads: Map<string, MultipartUpload>;
}

export interface Viewer {
  readonly id: string;
  readonly username: string;
  readonly entity: string;
  readonly email: string;
  /** JSON text; `code_saving_enabled` decides whether clients save code when the user says nothing. */
  flags: string;
}

export interface Project {
  readonly id: string;
  /** The number that some reads give as a project's id. */
  readonly internalId: number;
  readonly entity: string;
  readonly name: string;
  readonly createdAt: string;
  /** Run id -> run, in the order of creation. */
  readonly runs: Map<string, Run>;
  /** Collection name -> collection. */
  readonly collections: Map<string, Collection>;
  /** Sweep id -> sweep, in the order of creation. */
  readonly sweeps: Map<string, Sweep>;
}

/** A sweep as reads show it; its runs are those whose `sweep` is its id. Tests put it there. */
export interface Sweep {
  readonly id: string;
  /** The id of the client. */
  readonly name: string;
  readonly displayName: string | null;
  readonly state: string;
  /** YAML. */
  readonly config: string;
  readonly createdAt: string;
  readonly bestLoss: number | null;
  readonly runCountExpected: number | null;
}

export interface Alert {
  readonly title: string;
  readonly text: string;
  readonly severity: string;
  readonly waitDuration: number | null;
}

export interface RunFile {
  readonly name: string;
  readonly blob: Blob;
  readonly updatedAt: string;
}

export interface Run {
  readonly id: string;
  /** The run id of the client. */
  readonly name: string;
  readonly project: Project;
  displayName: string;
  /** Whether the server made up `displayName`. */
  inventedName: boolean;
  readonly createdAt: string;
  heartbeatAt: string;
  state: string;
  exitCode: number | null;
  preempting: boolean;
  stopped: boolean;
  notes: string | null;
  description: string | null;
  tags: readonly string[];
  group: string | null;
  jobType: string | null;
  host: string | null;
  program: string | null;
  commit: string | null;
  repo: string | null;
  sweep: string | null;
  /** JSON texts as the client sent them. */
  config: string;
  summary: string;
  readonly history: LineFile;
  readonly events: LineFile;
  readonly console: LineFile;
  /** Path -> stored file. */
  readonly files: Map<string, RunFile>;
  /** Names the file stream reported as uploaded. */
  readonly uploaded: Set<string>;
  readonly alerts: Alert[];
  /** Artifact ids. */
  readonly inputArtifacts: Set<string>;
}

/** Features a current server offers to runs and artifacts, as far as this one implements them. */
const FEATURES = [
  "ARTIFACT_TAGS",
  "CLIENT_IDS",
  "LARGE_FILENAMES",
  "EXPAND_DEFINED_METRIC_GLOBS",
  "USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION",
  "ARTIFACT_COLLECTION_MEMBERSHIP_FILES",
  "PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP",
  "ARTIFACT_MEMBERSHIP_IN_LINK_ARTIFACT_RESPONSE",
  "TOTAL_COUNT_IN_FILE_CONNECTION",
  "ARTIFACT_V2_DOWNLOAD_HANDLER_SUPPORTS_ARTIFACT_ID",
  "ARTIFACT_DIGEST_ALGORITHM",
  "MARK_RUN_FILES_UPLOADED",
  "FILESTREAM_GZIP",
] as const;

export function createStore(): Store {
  const newId = createIds();
  return {
    newId,
    viewer: {
      id: newId("User"),
      username: "tester",
      entity: "tester",
      email: "tester@example.com",
      flags: '{"code_saving_enabled":false}',
    },
    features: new Map(FEATURES.map((name) => [name, true])),
    xxhashDigests: true,
    projects: new Map(),
    artifacts: new Map(),
    multipartUploads: new Map(),
  };
}

export function findProject(
  store: Store,
  entity: string | null | undefined,
  name: string | null | undefined,
): Project | undefined {
  return store.projects.get(`${entity || store.viewer.entity}/${name || "uncategorized"}`);
}

export function ensureProject(
  store: Store,
  entity: string | null | undefined,
  name: string | null | undefined,
): Project {
  const found = findProject(store, entity, name);
  if (found !== undefined) return found;
  const project: Project = {
    id: store.newId("Project"),
    internalId: store.projects.size + 1,
    entity: entity || store.viewer.entity,
    name: name || "uncategorized",
    createdAt: new Date().toISOString(),
    runs: new Map(),
    collections: new Map(),
    sweeps: new Map(),
  };
  store.projects.set(`${project.entity}/${project.name}`, project);
  return project;
}

export function createRun(store: Store, project: Project, name: string): Run {
  const now = new Date().toISOString();
  const run: Run = {
    id: store.newId("Run"),
    name,
    project,
    displayName: `steady-river-${project.runs.size + 1}`,
    inventedName: true,
    createdAt: now,
    heartbeatAt: now,
    state: "running",
    exitCode: null,
    preempting: false,
    stopped: false,
    notes: null,
    description: null,
    tags: [],
    group: null,
    jobType: null,
    host: null,
    program: null,
    commit: null,
    repo: null,
    sweep: null,
    config: "{}",
    summary: "{}",
    history: createLineFile(),
    events: createLineFile(),
    console: createLineFile(),
    files: new Map(),
    uploaded: new Set(),
    alerts: [],
    inputArtifacts: new Set(),
  };
  project.runs.set(name, run);
  return run;
}

export function findRunById(store: Store, id: string): Run | undefined {
  for (const project of store.projects.values())
    for (const run of project.runs.values()) if (run.id === id) return run;
  return undefined;
}
