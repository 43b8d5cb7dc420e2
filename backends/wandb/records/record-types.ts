/* The records of a transaction log as plain objects, in the official names in camelCase. Absent is the same as empty. */

/** Seconds and nanoseconds since the epoch. */
export interface Timestamp {
  seconds?: number;
  nanos?: number;
}

/** One value of a history, summary or config record; `nestedKey` wins over `key` when it is not empty. */
export interface KeyedItem {
  key?: string;
  nestedKey?: string[];
  /** A JSON text, with the bare tokens NaN, Infinity and -Infinity besides. */
  valueJson?: string;
}

/** A history value; the members besides `valueJson` are the typed form that 0.31.0 writes on request. */
export interface HistoryItem extends KeyedItem {
  none?: string;
  boolean?: boolean;
  integer?: number;
  number?: number;
  text?: string;
  json?: string;
}

export interface HistoryRecord {
  item?: HistoryItem[];
  step?: { num?: number };
}

/** Shape of summary and config records. */
export interface UpdateRecord {
  update?: KeyedItem[];
  remove?: KeyedItem[];
}

export interface MetricSummary {
  min?: boolean;
  max?: boolean;
  mean?: boolean;
  best?: boolean;
  last?: boolean;
  none?: boolean;
  copy?: boolean;
  first?: boolean;
}

export interface MetricRecord {
  name?: string;
  globName?: string;
  stepMetric?: string;
  options?: { stepSync?: boolean; hidden?: boolean; defined?: boolean };
  summary?: MetricSummary;
  goal?: "GOAL_UNSET" | "GOAL_MINIMIZE" | "GOAL_MAXIMIZE";
  control?: { overwrite?: boolean };
  expandedFromGlob?: boolean;
}

export interface OutputRecord {
  outputType?: "STDERR" | "STDOUT";
  timestamp?: Timestamp;
  line?: string;
}

export interface StatsRecord {
  statsType?: "SYSTEM";
  timestamp?: Timestamp;
  item?: { key: string; valueJson: string }[];
}

export interface FilesRecord {
  files?: {
    path: string;
    policy?: "NOW" | "END" | "LIVE";
    type?: "OTHER" | "WANDB" | "MEDIA" | "ARTIFACT";
  }[];
}

export interface AlertRecord {
  title?: string;
  text?: string;
  level?: string;
  /** Milliseconds. */
  waitDuration?: number;
}

export interface TelemetryRecord {
  importsInit?: { [name: string]: boolean };
  importsFinish?: { [name: string]: boolean };
  feature?: { [name: string]: boolean };
  pythonVersion?: string;
  cliVersion?: string;
  env?: { [name: string]: boolean };
  label?: { codeString?: string; repoString?: string; codeVersion?: string };
  coreVersion?: string;
  platform?: string;
}

export interface RunRecord {
  runId?: string;
  entity?: string;
  project?: string;
  config?: UpdateRecord;
  summary?: UpdateRecord;
  runGroup?: string;
  jobType?: string;
  displayName?: string;
  notes?: string;
  tags?: string[];
  sweepId?: string;
  host?: string;
  startingStep?: number;
  startTime?: Timestamp;
  resumed?: boolean;
  telemetry?: TelemetryRecord;
  runtime?: number;
  git?: { remoteUrl?: string; commit?: string };
  forked?: boolean;
  branchPoint?: { run?: string; value?: number; metric?: string };
  resume?: boolean;
}

export interface EnvironmentRecord {
  os?: string;
  python?: string;
  startedAt?: Timestamp;
  docker?: string;
  args?: string[];
  program?: string;
  codePath?: string;
  codePathLocal?: string;
  git?: { remoteUrl?: string; commit?: string };
  email?: string;
  root?: string;
  host?: string;
  username?: string;
  executable?: string;
  cpuCount?: number;
  cpuCountLogical?: number;
  gpuType?: string;
  gpuCount?: number;
  disk?: { [path: string]: { total?: number; used?: number } };
  memory?: { total?: number };
  cpu?: { count?: number; countLogical?: number; model?: string };
  cudaVersion?: string;
  slurm?: { [name: string]: string };
  writerId?: string;
}

export interface ManifestEntryRecord {
  path: string;
  digest?: string;
  ref?: string;
  size?: number;
  localPath?: string;
  birthArtifactId?: string;
  skipCache?: boolean;
  extra?: { key: string; valueJson: string }[];
}

export interface ArtifactRecord {
  runId?: string;
  project?: string;
  entity?: string;
  type?: string;
  name?: string;
  digest?: string;
  description?: string;
  /** A JSON object text. */
  metadata?: string;
  userCreated?: boolean;
  useAfterCommit?: boolean;
  aliases?: string[];
  manifest?: {
    version?: number;
    storagePolicy?: string;
    storagePolicyConfig?: { key: string; valueJson: string }[];
    contents?: ManifestEntryRecord[];
    manifestFilePath?: string;
  };
  distributedId?: string;
  finalize?: boolean;
  clientId?: string;
  sequenceClientId?: string;
  baseId?: string;
  ttlDurationSeconds?: number;
  tags?: string[];
  digestAlgorithm?: string;
  incrementalBeta1?: boolean;
  /** The run's step when it was logged. Not the official client's: its online runs tell the server, its logs do not say. */
  historyStep?: number;
}

/** Content of a record, by the name of its type; exactly one is set. */
export interface RecordContents {
  history: HistoryRecord;
  summary: UpdateRecord;
  output: OutputRecord;
  config: UpdateRecord;
  files: FilesRecord;
  stats: StatsRecord;
  artifact: ArtifactRecord;
  tbrecord: { logDir?: string; save?: boolean; rootDir?: string };
  alert: AlertRecord;
  telemetry: TelemetryRecord;
  metric: MetricRecord;
  outputRaw: OutputRecord;
  run: RunRecord;
  exit: { exitCode?: number; runtime?: number; notComplete?: boolean };
  final: object;
  header: { versionInfo?: { producer?: string; minConsumer?: string } };
  footer: object;
  preempting: object;
  noopLinkArtifact: object;
  useArtifact: { id?: string; type?: string; name?: string };
  environment: EnvironmentRecord;
  outputLogger: { line?: string };
  request: object;
}

export type RecordType = keyof RecordContents;

/** One record of a transaction log. `num` counts from 1. */
export type WandbRecord = { num?: number } & Partial<RecordContents>;
