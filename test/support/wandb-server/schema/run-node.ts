import type { JsonMap, Node } from "../graphql/execute.js";
import { historyKeys, historyTexts, sampledHistory, tailOf } from "../history-rows.js";
import { countLines, writtenLines } from "../line-file.js";
import { parseLooseObject } from "../loose-json.js";
import { connection } from "../pages.js";
import type { Run, RunFile } from "../store.js";
import { artifactNode } from "./artifact-node.js";
import type { SchemaContext } from "./context.js";
import { projectNode } from "./project-node.js";
import { viewerNode } from "./viewer-node.js";

/** The `Run` type (`bucket` in mutations). */
export function runNode(context: SchemaContext, run: Run): Node {
  const { store } = context;
  const artifacts = (ids: Iterable<string>) =>
    [...ids]
      .map((id) => store.artifacts.get(id))
      .filter((artifact) => artifact !== undefined && artifact.state === "COMMITTED");
  return {
    __typename: "Run",
    id: run.id,
    name: run.name,
    displayName: run.displayName,
    description: run.description,
    notes: run.notes,
    tags: run.tags,
    group: run.group,
    jobType: run.jobType,
    host: run.host,
    commit: run.commit,
    state: run.state,
    exitcode: run.exitCode,
    stopped: run.stopped,
    readOnly: false,
    createdAt: run.createdAt,
    heartbeatAt: run.heartbeatAt,
    sweepName: run.sweep,
    config: run.config,
    summaryMetrics: run.summary,
    systemMetrics: () => writtenLines(run.events).at(-1) ?? "{}",
    wandbConfig: ({ keys }: JsonMap) => wandbConfig(run, keys as readonly string[]),
    project: () => projectNode(context, run.project),
    projectId: run.project.internalId,
    user: () => viewerNode(store.viewer),
    historyLineCount: () => countLines(run.history),
    eventsLineCount: () => countLines(run.events),
    logLineCount: () => countLines(run.console),
    historyTail: () => tailOf(writtenLines(run.history)),
    eventsTail: () => tailOf(writtenLines(run.events)),
    historyKeys: () => historyKeys(run),
    history: ({ minStep, maxStep, samples }: JsonMap) =>
      historyTexts(run, Number(minStep ?? 0), Number(maxStep ?? Infinity), Number(samples ?? 500)),
    events: ({ samples }: JsonMap) => writtenLines(run.events).slice(0, Number(samples ?? 500)),
    sampledHistory: ({ specs }: JsonMap) => sampledHistory(run, specs as readonly string[]),
    // Nothing is ever exported to parquet here: everything is live, as on a server right after a run.
    parquetHistory: () => ({ __typename: "ParquetHistory", parquetUrls: [], liveData: [] }),
    logLines: (args: JsonMap) =>
      connection(
        "LogLine",
        writtenLines(run.console).map((line, number) => ({ line, number })),
        logLineNode,
        args,
      ),
    fileCount: run.files.size,
    files: (args: JsonMap) =>
      connection("File", matchingFiles(run, args), (file) => runFileNode(context, run, file), args),
    inputArtifacts: (args: JsonMap) =>
      connection(
        "Artifact",
        artifacts(run.inputArtifacts),
        (artifact) => artifactNode(context, artifact!),
        args,
      ),
    outputArtifacts: (args: JsonMap) =>
      connection(
        "Artifact",
        artifacts(store.artifacts.keys()).filter((artifact) => artifact!.createdBy === run),
        (artifact) => artifactNode(context, artifact!),
        args,
      ),
  };
}

/** The named keys of the `_wandb` config entry, as JSON text: clients look for `t` to see whether a run has started. */
function wandbConfig(run: Run, keys: readonly string[]): string {
  const entry = parseLooseObject(run.config)["_wandb"] as { readonly value?: JsonMap } | undefined;
  const found = Object.entries(entry?.value ?? {}).filter(([key]) => keys.includes(key));
  return JSON.stringify(Object.fromEntries(found));
}

function matchingFiles(run: Run, { names, pattern }: JsonMap): RunFile[] {
  const wanted = names as readonly string[] | undefined | null;
  // SQL LIKE: % stands for any text, _ for one character.
  const like =
    typeof pattern === "string"
      ? new RegExp(
          `^${pattern
            .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
            .replaceAll("%", ".*")
            .replaceAll("_", ".")}$`,
        )
      : undefined;
  return [...run.files.values()].filter(
    ({ name }) => (!wanted || wanted.length === 0 || wanted.includes(name)) && (like?.test(name) ?? true),
  );
}

function runFileNode(context: SchemaContext, run: Run, file: RunFile): Node {
  const path = [run.project.entity, run.project.name, run.name, ...file.name.split("/")];
  return {
    __typename: "File",
    id: Buffer.from(`File:${run.id}:${file.name}`).toString("base64"),
    name: file.name,
    url: `${context.apiUrl}/files/${path.map(encodeURIComponent).join("/")}`,
    directUrl: () => context.storage.downloadUrl(file.name, file.blob),
    sizeBytes: String(file.blob.size),
    mimetype: "application/octet-stream",
    updatedAt: file.updatedAt,
    md5: Buffer.from(file.blob.md5, "hex").toString("base64"),
  };
}

function logLineNode({ line, number }: { readonly line: string; readonly number: number }): Node {
  if (line.startsWith("{")) {
    const parsed = JSON.parse(line) as { level?: string; ts?: string; label?: string; content?: string };
    return {
      __typename: "LogLine",
      number,
      timestamp: parsed.ts ?? null,
      level: parsed.level ?? null,
      label: parsed.label ?? null,
      line: parsed.content ?? "",
    };
  }
  const match = /^(ERROR )?(\d{4}-\S+) ([\s\S]*)$/.exec(line);
  return {
    __typename: "LogLine",
    number,
    timestamp: match?.[2] ?? null,
    level: match?.[1] ? "error" : null,
    label: null,
    line: match?.[3] ?? line,
  };
}
