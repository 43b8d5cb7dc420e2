import { createHash } from "node:crypto";
import type { JsonValue } from "#src/events/event.js";
import { canonicalConfig } from "./canonical-config.js";
import { canonicalMedia, type Renaming } from "./canonical-media.js";
import { parseLooseObject } from "./loose-json.js";
import type { ArtifactSnapshot, FileSnapshot, RunSnapshot } from "./snapshot.js";

/** What is left of a run after `normalise`: plain JSON (with NaN and the infinities), equal for equal programs. */
export type NormalisedRun = { readonly [key: string]: JsonValue };

/**
 * Removes from a snapshot what two runs of the same program by two clients cannot share, and nothing else. Each thing
 * removed, with its reason:
 *
 * - times: `_timestamp` of these runs, `_runtime`, `_wandb.runtime` of rows and summary, the timestamp before a console line, the
 *   milliseconds in the names of an incremental table's entries
 * - system metrics: samples of the machine at moments of its own
 * - host facts: `host`, and of `wandb-metadata.json` everything but `args`, `git` and the program;
 *   `requirements.txt` (the other language's packages) is kept as a name only
 * - versions and telemetry: `_wandb.cli_version`, `python_version`, `t`, `e`; `config.yaml` repeats them and the
 *   config, and is kept as a name only
 * - the program's language: extension of the program, its saved copy's bytes
 * - random ids: client ids inside `wandb-client-artifact://` and server ids inside `wandb-artifact://` become
 *   `<name>:v<n>`
 * - encodings of the same picture or JSON document (see `canonical-media.ts`), and digests over such files
 * - order: keys of objects, metric definitions (see `canonical-config.ts`), uploaded names
 * - `uploaded`: which file stream request told of a file; the files themselves are compared
 */
export function normalise(snapshot: RunSnapshot): NormalisedRun {
  const renaming = canonicalMedia(
    [snapshot.files, ...snapshot.outputArtifacts.map(({ files }) => files)],
    (text) => withoutMilliseconds(nameArtifacts(text, snapshot)),
  );
  const clean = (value: JsonValue): JsonValue => sortKeys(renaming.value(value));
  return sortKeys({
    entity: snapshot.entity,
    project: snapshot.project,
    id: snapshot.id,
    displayName: snapshot.displayName ?? null,
    notes: snapshot.notes,
    tags: [...snapshot.tags].sort(),
    group: snapshot.group,
    jobType: snapshot.jobType,
    program: snapshot.program === null ? null : withoutLanguage(snapshot.program.split("/").at(-1)!),
    commit: snapshot.commit,
    repo: snapshot.repo,
    sweep: snapshot.sweep,
    state: snapshot.state,
    exitCode: snapshot.exitCode,
    holes: snapshot.holes,
    config: clean(canonicalConfig(snapshot.config, withoutLanguage)),
    summary: clean(withoutTimes(snapshot.summary)),
    history: snapshot.history.map((row) => clean(withoutTimes(row))),
    console: snapshot.console.map(withoutTimestamp),
    alerts: snapshot.alerts.map((alert) => ({ ...alert })),
    inputArtifacts: snapshot.inputArtifacts,
    files: normaliseFiles(snapshot.files, renaming, clean),
    outputArtifacts: snapshot.outputArtifacts.map((artifact) => normaliseArtifact(artifact, renaming, clean)),
  }) as NormalisedRun;
}

type JsonMap = { readonly [key: string]: JsonValue };

const isObject = (value: JsonValue | undefined): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function withoutTimes(row: JsonMap): JsonMap {
  const { _timestamp, _runtime, _wandb, ...others } = row;
  const rest = typeof _timestamp === "number" && !isRecent(_timestamp) ? { ...others, _timestamp } : others;
  if (!isObject(_wandb)) return rest;
  const { runtime, ...wandb } = _wandb;
  return { ...rest, ...(Object.keys(wandb).length > 0 && { _wandb: wandb }) };
}

/** A moment of these runs; any other was given by the script and is compared. */
const isRecent = (seconds: number): boolean => Math.abs(Date.now() / 1000 - seconds) < 86_400;

function withoutTimestamp(line: string): string {
  if (line.startsWith("{")) {
    const { ts, ...rest } = parseLooseObject(line);
    return JSON.stringify(rest);
  }
  return line.replace(/^(ERROR )?\d{4}-\d\d-\d\dT[\d:.]+ /, "$1");
}

function withoutLanguage(path: string): string {
  return path.replace(/\.(py|ts|js|mts|mjs)$/, "");
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key]!)]),
  );
}

const REFERENCE = /wandb-(?:client-)?artifact:\/\/([0-9a-z]+)(:latest)?\//g;

function nameArtifacts(text: string, snapshot: RunSnapshot): string {
  return text.replace(REFERENCE, (whole, id: string, latest: string | undefined) => {
    const name = snapshot.artifactNames[id];
    return name === undefined ? whole : `artifact://${name}${latest ?? ""}/`;
  });
}

/**
 * `<increment>-<milliseconds>.<key>.table.json` without the milliseconds. The official client calls the first increment
 * `None`, because it names the entry before it counts.
 */
function withoutMilliseconds(path: string): string {
  return path.replace(/(^|\/)(None|\d+)-\d{13}\./, (_, before: string, increment: string) => {
    return `${before}${increment === "None" ? "0" : increment}-time.`;
  });
}

type Clean = (value: JsonValue) => JsonValue;

function normaliseFiles(
  files: { readonly [path: string]: FileSnapshot },
  renaming: Renaming,
  clean: Clean,
): JsonMap {
  return Object.fromEntries(
    Object.entries(files).map(([path, file]) => {
      if (path === "requirements.txt" || path === "config.yaml") return [path, "present"];
      if (path.startsWith("code/")) return [withoutLanguage(path), "present"];
      if (path === "wandb-metadata.json") return [path, clean(metadata(file))];
      if (path === "wandb-summary.json")
        return [path, clean(withoutTimes(parseLooseObject(file.bytes.toString())))];
      if (/^output.*\.log$/.test(path)) return [path, file.bytes.toString()];
      return [renaming.text(path), renaming.text(file.sha256)];
    }),
  );
}

function metadata(file: FileSnapshot): JsonMap {
  const { args, git, program, codePath, codePathLocal } = parseLooseObject(file.bytes.toString());
  const path = (value: JsonValue | undefined) =>
    typeof value === "string" ? withoutLanguage(value.split("/").at(-1)!) : null;
  return {
    args: args ?? null,
    git: git ?? null,
    program: path(program),
    codePath: path(codePath),
    codePathLocal: path(codePathLocal),
  };
}

/** Code artifacts hold the program itself: their entries keep their names only. */
function normaliseArtifact(artifact: ArtifactSnapshot, renaming: Renaming, clean: Clean): JsonMap {
  const code = artifact.type === "code";
  let derived = code;
  const entries = Object.entries(artifact.manifest?.contents ?? {}).map(([path, entry]) => {
    const file = artifact.files[path];
    const canonical = file === undefined ? undefined : renaming.canonical(file.sha256);
    if (canonical !== undefined) derived = true;
    const name = renaming.text(code ? withoutLanguage(path) : path);
    const kept =
      code || canonical !== undefined
        ? { digest: canonical ?? "present" }
        : { digest: entry.digest, ...(entry.size !== undefined && { size: entry.size }) };
    return [
      name,
      clean({
        ...kept,
        ...(entry.ref !== undefined && { ref: entry.ref }),
        ...(entry.extra !== undefined && { extra: entry.extra as JsonMap }),
      }),
    ] as const;
  });
  const digest = derived
    ? createHash("sha256").update(JSON.stringify(entries.sort())).digest("hex")
    : artifact.digest;
  const { type, version, state, aliases, tags, description, ttlDurationSeconds, historyStep } = artifact;
  return {
    type,
    name: code ? withoutLanguage(artifact.name) : artifact.name,
    version,
    state,
    digest,
    aliases,
    tags,
    description,
    ttlDurationSeconds,
    historyStep,
    metadata: clean(artifact.metadata),
    storagePolicy: artifact.manifest?.storagePolicy ?? null,
    storagePolicyConfig: clean((artifact.manifest?.storagePolicyConfig ?? {}) as JsonMap),
    contents: Object.fromEntries(entries),
  };
}
