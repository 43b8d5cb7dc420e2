import { beforeAll, describe, expect, test } from "vitest";
import type { RecordedRequest } from "../../support/wandb-server/record.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { brokenRules, whatWasSaid } from "./requests.js";
import { runOursOnline } from "./run-ours.js";
import { listScripts } from "./scripts.js";

// The comparison of requests must see what goes wrong: those of a run with an artifact are changed in one place.

let recorded: RecordedRequest[];
beforeAll(async () => {
  const script = listScripts().find(({ name }) => name === "49_artifact_metadata")!;
  const server = await startWandbServer();
  await runOursOnline(script, server);
  recorded = JSON.parse(JSON.stringify(server.requests)) as RecordedRequest[];
  await server.close();
});

type Change = (requests: RecordedRequest[]) => void;
type Loose = { [key: string]: unknown };

const named = (requests: RecordedRequest[], name: string) =>
  requests.find(({ operation }) => operation === name)!;
const streams = (requests: RecordedRequest[]) =>
  requests.filter(({ path }) => path.endsWith("/file_stream")).map(({ body }) => body as Loose);
const files = (body: Loose) =>
  body["files"] as { [name: string]: { offset: number; content: string[] } } | undefined;
const summary = (requests: RecordedRequest[]) =>
  streams(requests).flatMap((body) => files(body)?.["wandb-summary.json"] ?? [])[0]!.content;
const firstUpsert = (requests: RecordedRequest[]) => named(requests, "UpsertBucket").variables as Loose;
const input = (requests: RecordedRequest[]) =>
  (named(requests, "CreateArtifact").variables as Loose)["input"] as Loose;
const put = (requests: RecordedRequest[]) => requests.find(({ host }) => host === "storage")!;

describe("rules", () => {
  test("hold for what was recorded", () => {
    expect(brokenRules(recorded)).toEqual([]);
  });

  test.each<[string, Change]>([
    ["the key at the object store", (all) => Object.assign(put(all).headers, { authorization: "Basic x" })],
    ["no key at the API", (all) => delete named(all, "UpsertBucket").headers.authorization],
    ["something after the end", (all) => all.push(named(all, "CreateRunFiles"))],
    ["an end too early", (all) => Object.assign(streams(all)[0]!, { complete: true })],
    [
      "a row left out",
      (all) => streams(all).flatMap((body) => Object.values(files(body) ?? {}))[0]!.offset++,
    ],
    ["a summary of two lines", (all) => summary(all).push("{}")],
    [
      "a file told of before it is put",
      (all) => Object.assign(streams(all)[0]!, { uploaded: ["config.yaml"] }),
    ],
    ["files before the run", (all) => all.unshift(named(all, "CreateRunFiles"))],
    ["a run that cannot be resumed", (all) => Object.assign(firstUpsert(all), { config: "{}" })],
    [
      "an artifact out of order",
      (all) => all.splice(all.indexOf(named(all, "UpsertBucket")) + 1, 0, named(all, "CommitArtifact")),
    ],
  ])("are broken by %s", (_, change) => {
    const requests = structuredClone(recorded);
    change(requests);
    expect(brokenRules(requests)).not.toEqual([]);
  });
});

describe("what was said", () => {
  test.each<[string, Change]>([
    ["an operation more", (all) => (named(all, "CommitArtifact").operation = "DeleteArtifact")],
    ["a field of the run", (all) => Object.assign(firstUpsert(all), { groupName: "g" })],
    [
      "a key of the configuration",
      (all) => Object.assign(firstUpsert(all), { config: '{"a":{"value":1},"_wandb":{}}' }),
    ],
    ["a file of the run", (all) => (named(all, "CreateRunFiles").variables!["files"] as string[]).pop()],
    ["an alias", (all) => (input(all)["aliases"] as unknown[]).pop()],
    ["metadata", (all) => Object.assign(input(all), { metadata: "{}" })],
    ["a client id of another form", (all) => Object.assign(input(all), { clientID: "short" })],
    ["the step of an artifact", (all) => Object.assign(input(all), { historyStep: 7 })],
    ["the exit code", (all) => Object.assign(streams(all).at(-1)!, { exitcode: 9 })],
    ["a file that is not told of", (all) => (streams(all).at(-1)!["uploaded"] as string[]).pop()],
    ["a header", (all) => delete named(all, "CreateRunFiles").headers["x-wandb-username"]],
    ["the type of an upload", (all) => Object.assign(put(all).headers, { "content-type": "text/plain" })],
  ])("tells %s", (_, change) => {
    const requests = structuredClone(recorded);
    change(requests);
    expect(whatWasSaid(requests)).not.toEqual(whatWasSaid(recorded));
  });
});
