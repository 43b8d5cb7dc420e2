import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createRunSender, type SendEnd } from "#backends/wandb/sender/run-sender.js";
import { openServer } from "#backends/wandb/server/server.js";
import type { JsonValue } from "#src/events/event.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { type Place, placeIn, runFolder, runOnline } from "./online-run.js";

// Every field of every answer is replaced by something else, one at a time.

let server: WandbServer;
let place: Place;
let logFile: string;

beforeAll(async () => {
  server = await startWandbServer();
  place = placeIn(mkdtempSync(join(tmpdir(), "tracelet-answers-")), server);
  for (const name of ["WANDB_CACHE_DIR", "WANDB_DATA_DIR"]) vi.stubEnv(name, place.env[name]!);
  await runOnline(place, { rows: 20, blockMs: 0, env: { WANDB_MODE: "offline" } });
  cpSync(place.env["WANDB_DATA_DIR"]!, join(place.dir, "staged"), { recursive: true });
  const folder = runFolder(place);
  logFile = join(folder, readdirSync(folder).find((name) => name.endsWith(".wandb"))!);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(place.dir, { recursive: true, force: true });
});

const QUICK = {
  graphqlRetryMax: 1,
  graphqlRetryWaitMinSeconds: 0.001,
  fileStreamRetryMax: 1,
  fileStreamRetryWaitMinSeconds: 0.001,
  fileStreamTransmitInterval: 0.001,
  fileTransferRetryMax: 1,
  fileTransferRetryWaitMinSeconds: 0.001,
  graphqlTimeoutSeconds: 5,
};

async function send(): Promise<SendEnd | "hangs"> {
  server.store.projects.clear();
  server.store.artifacts.clear();
  rmSync(`${logFile}.cursor`, { force: true });
  // A save takes away what was staged for it.
  cpSync(join(place.dir, "staged"), place.env["WANDB_DATA_DIR"]!, { recursive: true });
  const values = { ...QUICK, baseUrl: server.url };
  const to = openServer({ values, apiKey: server.apiKey, env: {}, warn() {} })!;
  const ending = new AbortController();
  const sender = createRunSender({
    server: to,
    values,
    logFile,
    filesDir: join(runFolder(place), "files"),
    writer: { shared: false, id: "w", primary: true, endsRun: true },
    isLive: false,
    more: async () => false,
    signal: ending.signal,
    warn() {},
    known() {},
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"hangs">((resolve) => {
    timer = setTimeout(resolve, 8_000, "hangs");
  });
  const end = await Promise.race([sender.done, late]);
  clearTimeout(timer);
  ending.abort();
  await to.close();
  return end;
}

type Path = readonly (string | number)[];

/** Every place in a JSON text, of a list only its first member. */
function* placesIn(json: JsonValue, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (Array.isArray(json)) {
    if (json.length > 0) yield* placesIn(json[0]!, [...path, 0]);
  } else if (typeof json === "object" && json !== null) {
    for (const [key, value] of Object.entries(json)) yield* placesIn(value as JsonValue, [...path, key]);
  }
}

function replaced(json: JsonValue, [first, ...rest]: Path, value: JsonValue): JsonValue {
  if (first === undefined) return value;
  const copy = (Array.isArray(json) ? [...json] : { ...(json as object) }) as { [key: string]: JsonValue };
  copy[first] = replaced(copy[first]!, rest, value);
  return copy as JsonValue;
}

const INSTEAD: { readonly [what: string]: JsonValue } = {
  null: null,
  "a number": -1.5,
  "a list": [null, 7],
  "an object": { ["__proto__"]: { polluted: true }, constructor: 1 },
  "a huge text": "x".repeat(200_000),
};

const OPERATIONS = [
  "ServerFeaturesQuery",
  "RunResumeStatus",
  "UpsertBucket",
  "CreateRunFiles",
  "CreateArtifact",
  "CreateArtifactManifest",
  "CreateArtifactFiles",
  "CommitArtifact",
  "file stream",
];

describe("answers that are wrong", () => {
  test.each(OPERATIONS)(
    "%s",
    async (operation) => {
      const match = operation === "file stream" ? { path: /file_stream$/ } : { operation };
      const answers: JsonValue[] = [];
      server.faults.push({
        match,
        times: Number.POSITIVE_INFINITY,
        action: {
          kind: "change",
          change(json) {
            answers.push(json as JsonValue);
            return json;
          },
        },
      });
      // Twice: the second time there is a run to find.
      expect(await send()).toMatchObject({ complete: true, problems: [] });
      server.faults.length = 0;
      const places = new Map(
        answers.flatMap((answer) => [...placesIn(answer)]).map((path) => [path.join("."), path]),
      );
      const unclear: string[] = [];
      for (const path of places.values()) {
        for (const [what, value] of Object.entries(INSTEAD)) {
          server.faults.push({
            match,
            times: Number.POSITIVE_INFINITY,
            action: { kind: "change", change: (json) => replaced(json as JsonValue, path, value) },
          });
          const end = await send();
          server.faults.length = 0;
          const name = `${path.join(".")} is ${what}`;
          if (end === "hangs") unclear.push(`${name}: hangs`);
          else if (!end.complete && end.problems.length === 0) unclear.push(`${name}: no word`);
          else
            for (const problem of end.problems)
              if (!isClear(problem)) unclear.push(`${name}: ${problem.slice(0, 300)}`);
        }
      }
      expect(unclear).toEqual([]);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    },
    120_000,
  );
});

/** A line for people, not for whoever wrote the client; and one that fits on a screen. */
const isClear = (problem: string): boolean =>
  problem.length <= 700 &&
  !/Cannot (read|convert|destructure)|is not (a function|iterable|an object)|undefined|\[object/.test(
    problem,
  );
