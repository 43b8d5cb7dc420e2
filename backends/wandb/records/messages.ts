import type { EnumTable, MessageTable, Schema } from "../../../src/protobuf/schema.js";
import { createTypes } from "../../../src/protobuf/types.js";
import { environmentMessages } from "./environment-messages.js";
import { telemetryMessages } from "./telemetry-messages.js";

/*
 * The messages of package `wandb_internal` that a transaction log holds. Numbers and types are those of the official
 * descriptors of 0.30.0 and 0.31.0 (test/unit/backends/wandb/fixtures/descriptors.json); 0.31.0 only adds fields.
 * Names are the official ones in camelCase. `Request` (100) is never persisted and is known here only by its number.
 */

const enums: EnumTable = {
  OutputType: { STDERR: 0, STDOUT: 1 },
  StatsType: { SYSTEM: 0 },
  PolicyType: { NOW: 0, END: 1, LIVE: 2 },
  FileType: { OTHER: 0, WANDB: 1, MEDIA: 2, ARTIFACT: 3 },
  MetricGoal: { GOAL_UNSET: 0, GOAL_MINIMIZE: 1, GOAL_MAXIMIZE: 2 },
  NullValue: { NULL_VALUE: 0 },
};

const keyedItem = { key: "1 string", nestedKey: "2 string[]", valueJson: "16 string" };
const plainItem = { key: "1 string", valueJson: "16 string" };
const artifactItem = { key: "1 string", valueJson: "2 string" };
const info = { info: "200 RecordInfo" };
const console = { outputType: "1 OutputType", timestamp: "2 Timestamp", line: "3 string" };
const entryPoint = {
  entrypoint: "2 string[]",
  notebook: "3 bool",
  buildContext: "4 string",
  dockerfile: "5 string",
};

const recordMessages: MessageTable = {
  Record: {
    num: "1 int64",
    history: "2 HistoryRecord",
    summary: "3 SummaryRecord",
    output: "4 OutputRecord",
    config: "5 ConfigRecord",
    files: "6 FilesRecord",
    stats: "7 StatsRecord",
    artifact: "8 ArtifactRecord",
    tbrecord: "9 TBRecord",
    alert: "10 AlertRecord",
    telemetry: "11 TelemetryRecord",
    metric: "12 MetricRecord",
    outputRaw: "13 OutputRecord",
    control: "16 Control",
    run: "17 RunRecord",
    exit: "18 RunExitRecord",
    uuid: "19 string",
    final: "20 FinalRecord",
    header: "21 HeaderRecord",
    footer: "22 FooterRecord",
    preempting: "23 RunPreemptingRecord",
    noopLinkArtifact: "24 Empty",
    useArtifact: "25 UseArtifactRecord",
    environment: "26 EnvironmentRecord",
    outputLogger: "27 OutputLoggerRecord",
    request: "100 Empty",
    ...info,
  },
  RecordInfo: { streamId: "1 string", tracelogId: "100 string" },
  Control: {
    reqResp: "1 bool",
    local: "2 bool",
    relayId: "3 string",
    mailboxSlot: "4 string",
    alwaysSend: "5 bool",
    flowControl: "6 bool",
    endOffset: "7 int64",
    connectionId: "8 string",
  },
  Empty: {},
  Timestamp: { seconds: "1 int64", nanos: "2 int32" },

  HistoryRecord: { item: "1 HistoryItem[]", step: "2 HistoryStep", ...info },
  // 3 to 8 are the typed form of the value, written by 0.31.0 on request beside or instead of the JSON text.
  HistoryItem: {
    ...keyedItem,
    none: "3 NullValue?",
    boolean: "4 bool?",
    integer: "5 sint64?",
    number: "6 double?",
    text: "7 string?",
    json: "8 string?",
  },
  HistoryStep: { num: "1 int64" },
  SummaryRecord: { update: "1 SummaryItem[]", remove: "2 SummaryItem[]", ...info },
  SummaryItem: keyedItem,
  ConfigRecord: { update: "1 ConfigItem[]", remove: "2 ConfigItem[]", ...info },
  ConfigItem: keyedItem,

  MetricRecord: {
    name: "1 string",
    globName: "2 string",
    stepMetric: "4 string",
    stepMetricIndex: "5 int32",
    options: "6 MetricOptions",
    summary: "7 MetricSummary",
    goal: "8 MetricGoal",
    control: "9 MetricControl",
    expandedFromGlob: "10 bool",
    ...info,
  },
  MetricOptions: { stepSync: "1 bool", hidden: "2 bool", defined: "3 bool" },
  MetricSummary: {
    min: "1 bool",
    max: "2 bool",
    mean: "3 bool",
    best: "4 bool",
    last: "5 bool",
    none: "6 bool",
    copy: "7 bool",
    first: "8 bool",
  },
  MetricControl: { overwrite: "1 bool" },

  OutputRecord: { ...console, ...info },
  OutputLoggerRecord: { line: "1 string" },
  StatsRecord: { statsType: "1 StatsType", timestamp: "2 Timestamp", item: "3 StatsItem[]", ...info },
  StatsItem: plainItem,
  FilesRecord: { files: "1 FilesItem[]", ...info },
  FilesItem: { path: "1 string", policy: "2 PolicyType", type: "3 FileType" },
  AlertRecord: { title: "1 string", text: "2 string", level: "3 string", waitDuration: "4 int64", ...info },
  TBRecord: {
    logDir: "1 string",
    save: "2 bool",
    rootDir: "3 string",
    namespace: "4 string",
    savePath: "5 string",
    ignoreTimestamp: "6 bool",
    ignoreHostname: "7 bool",
    ...info,
  },

  RunRecord: {
    runId: "1 string",
    entity: "2 string",
    project: "3 string",
    config: "4 ConfigRecord",
    summary: "5 SummaryRecord",
    runGroup: "6 string",
    jobType: "7 string",
    displayName: "8 string",
    notes: "9 string",
    tags: "10 string[]",
    settings: "11 SettingsRecord",
    sweepId: "12 string",
    host: "13 string",
    startingStep: "14 int64",
    storageId: "16 string",
    startTime: "17 Timestamp",
    resumed: "18 bool",
    telemetry: "19 TelemetryRecord",
    runtime: "20 int32",
    git: "21 GitRepoRecord",
    forked: "22 bool",
    branchPoint: "23 BranchPoint",
    resume: "24 bool",
    ...info,
  },
  SettingsRecord: { item: "1 SettingsItem[]", ...info },
  SettingsItem: plainItem,
  GitRepoRecord: { remoteUrl: "1 string", commit: "2 string" },
  BranchPoint: { run: "1 string", value: "2 double", metric: "3 string" },
  RunExitRecord: { exitCode: "1 int32", runtime: "2 int32", notComplete: "3 bool", ...info },
  FinalRecord: info,
  FooterRecord: info,
  RunPreemptingRecord: info,
  HeaderRecord: { versionInfo: "1 VersionInfo", ...info },
  VersionInfo: { producer: "1 string", minConsumer: "2 string", ...info },

  ArtifactRecord: {
    runId: "1 string",
    project: "2 string",
    entity: "3 string",
    type: "4 string",
    name: "5 string",
    digest: "6 string",
    description: "7 string",
    metadata: "8 string",
    userCreated: "9 bool",
    useAfterCommit: "10 bool",
    aliases: "11 string[]",
    manifest: "12 ArtifactManifest",
    distributedId: "13 string",
    finalize: "14 bool",
    clientId: "15 string",
    sequenceClientId: "16 string",
    baseId: "17 string",
    ttlDurationSeconds: "18 int64",
    tags: "19 string[]",
    digestAlgorithm: "20 string",
    incrementalBeta1: "100 bool",
    // Ours: readers of the official client pass over fields that they do not know.
    historyStep: "5001 int64",
    ...info,
  },
  ArtifactManifest: {
    version: "1 int32",
    storagePolicy: "2 string",
    storagePolicyConfig: "3 StoragePolicyConfigItem[]",
    contents: "4 ArtifactManifestEntry[]",
    manifestFilePath: "5 string",
  },
  StoragePolicyConfigItem: artifactItem,
  ArtifactManifestEntry: {
    path: "1 string",
    digest: "2 string",
    ref: "3 string",
    size: "4 int64",
    mimetype: "5 string",
    localPath: "6 string",
    birthArtifactId: "7 string",
    skipCache: "8 bool",
    extra: "16 ExtraItem[]",
  },
  ExtraItem: artifactItem,
  UseArtifactRecord: {
    id: "1 string",
    type: "2 string",
    name: "3 string",
    partial: "4 PartialJobArtifact",
    ...info,
  },
  PartialJobArtifact: { jobName: "1 string", sourceInfo: "2 JobSource" },
  JobSource: { version: "1 string", sourceType: "2 string", source: "3 Source", runtime: "4 string" },
  Source: { git: "1 GitSource", artifact: "2 ArtifactInfo", image: "3 ImageSource" },
  GitSource: { gitInfo: "1 GitInfo", ...entryPoint },
  GitInfo: { remote: "1 string", commit: "2 string" },
  ArtifactInfo: { artifact: "1 string", ...entryPoint },
  ImageSource: { image: "1 string" },
};

/** Every message a transaction log can hold, by its official name without the package. */
export const schema: Schema = {
  messages: { ...recordMessages, ...telemetryMessages, ...environmentMessages },
  enums,
};

/** A message as protobufjs has it. */
export const messageType = createTypes(schema);
