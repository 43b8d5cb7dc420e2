import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonValue } from "#src/events/event.js";
import { makeOfflineLog, type OfflineLog } from "./offline-log.js";

// Every field of every answer is replaced by something else, one at a time.

let log: OfflineLog;
beforeAll(async () => {
  log = await makeOfflineLog();
});
afterAll(() => log.close());

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
  "a way out": "../../../../tmp/out",
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
      const folders = readdirSync(log.place.dir).sort();
      log.server.faults.push({
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
      expect(await log.send()).toMatchObject({ complete: true, problems: [] });
      log.server.faults.length = 0;
      const places = new Map(
        answers.flatMap((answer) => [...placesIn(answer)]).map((path) => [path.join("."), path]),
      );
      const unclear: string[] = [];
      for (const path of places.values()) {
        for (const [what, value] of Object.entries(INSTEAD)) {
          log.server.faults.push({
            match,
            times: Number.POSITIVE_INFINITY,
            action: { kind: "change", change: (json) => replaced(json as JsonValue, path, value) },
          });
          const end = await log.send();
          log.server.faults.length = 0;
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
      expect(readdirSync(log.place.dir).sort()).toEqual(folders);
      expect(
        new Set(log.server.requests.map(({ path }) => path).filter((path) => !OWN_PATH.test(path))),
      ).toEqual(new Set());
    },
    120_000,
  );
});

/** What a client asks for: no name of an answer has led it elsewhere. */
const OWN_PATH = /^\/(graphql|storage\/[0-9a-f]{24}\/.*|files\/[^/]+\/[^/]+\/[^/]+\/file_stream)$/;

/** A line for people, not for whoever wrote the client; and one that fits on a screen. */
const isClear = (problem: string): boolean =>
  problem.length <= 700 &&
  !/Cannot (read|convert|destructure)|is not (a function|iterable|an object)|undefined|\[object/.test(
    problem,
  );
