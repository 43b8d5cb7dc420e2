import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { encodeRecord, type WandbRecord } from "#backends/wandb/records/record.js";
import { FILE_HEADER } from "#backends/wandb/transaction-log/format.js";
import { Frames } from "#backends/wandb/transaction-log/frames.js";
import type { JsonValue } from "#src/events/event.js";
import { writtenLines } from "../../support/wandb-server/line-file.js";
import { parseLooseJson } from "../../support/wandb-server/loose-json.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { consoleText, ODD_VALUES } from "./odd-records.js";
import { listScripts, type Script } from "./scripts.js";
import { type SenderOptions, sentState } from "./sent-state.js";
import { type SyncedLog, syncLog, syncScript } from "./synced-log.js";

type Json = { [key: string]: JsonValue };

async function onServer(
  features: { readonly [name: string]: boolean },
  work: (server: WandbServer) => Promise<SyncedLog>,
): Promise<SyncedLog> {
  const server = await startWandbServer();
  try {
    for (const [name, on] of Object.entries(features)) server.store.features.set(name, on);
    return await work(server);
  } finally {
    await server.close();
  }
}

/** Numbers as the official sync keeps them: it reads the text `-0` as an integer, which has no sign. */
function plain(value: JsonValue): JsonValue {
  if (typeof value === "number") return value + 0;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member as JsonValue)]));
}

const json = (text: string): JsonValue => plain(parseLooseJson(text));
const withoutTime = (line: string): string =>
  line.replace(/^(ERROR |\{(?:"level":"error",)?"ts":")?\d{4}-\d\d-\d\dT[\d:.]{15}/, "$1");

/**
 * A config without what the official client leaves to chance: the order of the lists in `_wandb`, and the key of the
 * environment, a random name of the process that syncs. The feature 76 says that the run was synced; the official sync
 * adds it after the first upsert, ours is told before.
 */
function ordered(config: Json): Json {
  const _wandb = { ...((config["_wandb"] as Json)["value"] as Json) };
  const sorted = (ids: JsonValue) => [...(ids as number[])].filter((id) => id !== 76).sort((a, b) => a - b);
  const { t, e, m } = _wandb as { t: Json; e?: Json; m: Json[] };
  const nameOf = (metric: Json): string => (metric["1"] ?? metric["2"] ?? "") as string;
  const features = Object.entries(t).map(([key, value]) => [
    key,
    Array.isArray(value) ? sorted(value) : value,
  ]);
  const metrics = m.map(({ 5: step, ...metric }) => [
    nameOf(metric),
    {
      ...metric,
      step: step === undefined ? null : nameOf(m[(step as number) - 1]!),
      6: sorted(metric["6"]!),
      7: sorted(metric["7"]!),
    },
  ]);
  return {
    ...config,
    _wandb: {
      ..._wandb,
      t: Object.fromEntries(features),
      m: Object.fromEntries(metrics),
      e: e === undefined ? null : Object.values(e),
    },
  };
}

async function expectSame(official: SyncedLog, options: SenderOptions): Promise<void> {
  const { config: theirConfig, ...theirFields } = official.requests.find(
    ({ operation }) => operation === "UpsertBucket",
  )!.variables as Json;
  const ours = await sentState(official.log, {
    ...options,
    synced: true,
    program: theirFields["program"] as string,
  });
  const { config: ourConfig, ...ourFields } = ours.firstUpsert;
  const { run, files } = official;

  expect(ours.history.map(json)).toEqual(writtenLines(run.history).map(json));
  expect(ours.events.map(json)).toEqual(writtenLines(run.events).map(json));
  expect(ours.console.map(withoutTime)).toEqual(writtenLines(run.console).map(withoutTime));
  expect(ours.outputLog).toBe(files.get("output.log") ?? "");
  expect(json(ours.summary)).toEqual(json(run.summary));
  expect(json(ours.summary)).toEqual(json(files.get("wandb-summary.json")!));
  expect(ourFields).toEqual(theirFields);
  expect(ordered(json(ourConfig!) as Json)).toEqual(ordered(json(theirConfig as string) as Json));
  expect(ordered(json(ours.config) as Json)).toEqual(ordered(json(run.config) as Json));
  expect(ordered(plain(parse(ours.configYaml)) as Json)).toEqual(
    ordered(plain(parse(files.get("config.yaml")!)) as Json),
  );
  const metadata = files.get("wandb-metadata.json");
  expect(ours.metadata === undefined ? undefined : json(ours.metadata)).toEqual(
    metadata === undefined ? undefined : json(metadata),
  );
}

const NEW = { expandsGlobs: true, coreVersion: "0.31.0" };

describe.concurrent("what the official sync of 0.31 makes of its logs", () => {
  test.each(listScripts())("$name", async (script: Script) => {
    await expectSame(await onServer({}, (server) => syncScript(script, server)), NEW);
  });

  test.each(listScripts().filter(({ name }) => /console/.test(name)))(
    "$name, lines as JSON",
    async (script: Script) => {
      const official = await onServer({ STRUCTURED_CONSOLE_LOGS: true }, (server) =>
        syncScript(script, server),
      );
      await expectSame(official, { ...NEW, structured: true });
    },
  );
});

// This release also writes what it made of globs, for servers that do not know them.
describe.concurrent("what the official sync of 0.30 makes of its logs", () => {
  const scripts = listScripts().filter(({ name }) => /glob|metric_names|scalars_auto|summary/.test(name));
  test.each(scripts.flatMap((script) => [true, false].map((globs) => ({ ...script, globs }))))(
    "$name, server with globs: $globs",
    async ({ globs, ...script }) => {
      const official = await onServer({ EXPAND_DEFINED_METRIC_GLOBS: globs }, (server) =>
        syncScript(script, server, "requirements-wandb-0.30.txt"),
      );
      await expectSame(official, { expandsGlobs: globs, coreVersion: "0.30.0" });
    },
  );
});

function logOf(records: readonly WandbRecord[]): Buffer {
  const frames = new Frames(FILE_HEADER.length);
  const run = {
    runId: "odd",
    entity: "tester",
    project: "differential",
    startTime: { seconds: 90 },
    telemetry: { feature: { offline: true } },
  };
  const all: WandbRecord[] = [{ header: {} }, { run }, ...records, { exit: {} }];
  for (const [index, record] of all.entries()) frames.append(encodeRecord({ num: index + 1, ...record }));
  return Buffer.concat([FILE_HEADER, frames.bytes.subarray(0, frames.length)]);
}

describe.concurrent("what the official sync makes of logs that no client writes", () => {
  test.each(Object.keys(ODD_VALUES))("%s", async (name) => {
    const log = logOf(ODD_VALUES[name as keyof typeof ODD_VALUES]);
    await expectSame(await onServer({}, (server) => syncLog(log, "odd", server)), NEW);
  });

  test.each([1, 2, 3, 4, 5, 6])("console text at random, seed %i", async (seed) => {
    const log = logOf(consoleText(seed));
    await expectSame(await onServer({}, (server) => syncLog(log, "odd", server)), NEW);
  });
});
