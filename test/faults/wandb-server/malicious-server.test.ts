import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { encodeRecord, type WandbRecord } from "#backends/wandb/records/record.js";
import type { SendEnd } from "#backends/wandb/sender/run-sender.js";
import { sendWithRetry } from "#backends/wandb/server/retry.js";
import { FILE_HEADER } from "#backends/wandb/transaction-log/format.js";
import { Frames } from "#backends/wandb/transaction-log/frames.js";
import type { FaultMatch } from "../../support/wandb-server/faults.js";
import { always, makeOfflineLog, type OfflineLog } from "./offline-log.js";
import { placeIn, runOnline, sendLog } from "./online-run.js";

let log: OfflineLog;
beforeAll(async () => {
  log = await makeOfflineLog();
});
afterAll(() => log.close());

/** The end of a log that was not sent as a whole, for reasons that are said. */
async function refused(): Promise<readonly string[]> {
  const end = await log.send();
  expect(end).not.toBe("hangs");
  const { complete, problems } = end as SendEnd;
  expect([complete, problems.length > 0]).toEqual([false, true]);
  for (const problem of problems) expect(problem.length).toBeLessThan(1_000);
  return problems;
}

/** Another host, and everything that is sent to it. */
async function startThief(): Promise<{ readonly url: string; readonly got: IncomingHttpHeaders[] }> {
  const got: IncomingHttpHeaders[] = [];
  const thief = createServer((request, response) => {
    got.push(request.headers);
    request.resume();
    response.end("{}");
  });
  await new Promise<void>((done) => thief.listen(0, "127.0.0.1", done));
  onTestFinished(() => void thief.close());
  return { url: `http://127.0.0.1:${(thief.address() as AddressInfo).port}`, got };
}

const MOMENTS: readonly (readonly [string, FaultMatch])[] = [
  ["GraphQL", { operation: "UpsertBucket" }],
  ["the file stream", { path: /file_stream$/ }],
  ["CreateArtifact", { operation: "CreateArtifact" }],
  ["CreateRunFiles", { operation: "CreateRunFiles" }],
  ["a PUT", { method: "PUT" }],
];

describe("the key stays with its server", () => {
  test.each(
    MOMENTS.flatMap(([name, match]) => [301, 302, 307, 308].map((status) => [status, name, match] as const)),
  )("a redirect (%i) of %s to another host", async (status, name, match) => {
    const thief = await startThief();
    always(log, { match, action: { kind: "status", status, headers: { Location: `${thief.url}/graphql` } } });
    const problems = await refused();
    expect(thief.got).toEqual([]);
    expect(problems.join("\n"), name).toContain(`it leads to ${thief.url}`);
  });

  test("an upload to another host carries no key", async () => {
    const thief = await startThief();
    const change = (json: unknown) =>
      JSON.parse(JSON.stringify(json).replaceAll(log.server.storageUrl, thief.url)) as unknown;
    always(log, { match: { path: "/graphql" }, action: { kind: "change", change } });
    await log.send();
    expect(thief.got.length).toBeGreaterThan(5);
    for (const headers of thief.got) {
      expect(headers.authorization).toBeUndefined();
      expect(JSON.stringify(headers)).not.toContain(log.server.apiKey);
    }
  });

  test.each([
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "data:text/plain,x",
    "javascript:alert(1)",
    "http://169.254.169.254/latest/meta-data",
    "http://[fe80::1]/x",
    "http://[::ffff:169.254.169.254]/x",
    "http://2852039166/x",
    "not an address",
  ])("nothing is sent to %s", async (address) => {
    const change = (json: unknown) =>
      JSON.parse(
        JSON.stringify(json).replaceAll(/"uploadUrl":"[^"]*"/g, `"uploadUrl":${JSON.stringify(address)}`),
      ) as unknown;
    always(log, { match: { path: "/graphql" }, action: { kind: "change", change } });
    const problems = await refused();
    expect(problems.join("\n")).toMatch(/an address that nothing is sent to/);
  });
});

describe("memory and time are bounded", () => {
  const endless = (response: ServerResponse): void => {
    const piece = Buffer.alloc(1 << 20, "x");
    response.writeHead(200, { "Content-Type": "application/json" });
    const more = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  };

  test.each(MOMENTS)("an answer without an end to %s", async (_, match) => {
    always(log, { match, action: { kind: "reply", reply: endless } });
    const before = process.memoryUsage().rss;
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before);
    }, 10);
    const problems = await refused();
    clearInterval(timer);
    expect(problems.join("\n")).toMatch(/the answer is longer than \d+ MiB/);
    // The server runs in this process, too. Two artifacts are refused side by side, each twice.
    expect(most / 2 ** 20).toBeLessThan(600);
  });

  test.each(MOMENTS)("headers of a megabyte to %s", async (_, match) => {
    const reply = (response: ServerResponse): void => {
      response.writeHead(200, { "X-Much": "x".repeat(1 << 20) });
      response.end("{}");
    };
    always(log, { match, action: { kind: "reply", reply } });
    expect((await refused()).join("\n")).toMatch(/header/i);
  });

  test.each([
    ["1e12", 600_000],
    ["999999999999999999999999", 600_000],
    ["Infinity", 600_000],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 600_000],
    ["-5", 0],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ])("Retry-After: %s", async (text, expected) => {
    const waits: number[] = [];
    const ending = new AbortController();
    const http = {
      send: async () => ({ status: 429, headers: { "retry-after": text }, body: Buffer.alloc(0) }),
    };
    const policy = { retries: 1, minWaitMs: 1, maxWaitMs: 2, repeats: () => true };
    const request = { method: "POST", url: "/graphql" } as const;
    const onRetry = (_: string, __: number, waitMs: number): void => {
      waits.push(waitMs);
      ending.abort();
    };
    await expect(sendWithRetry(http, request, policy, { signal: ending.signal, onRetry })).rejects.toThrow();
    expect(waits).toEqual([expected]);
  });
});

/** A log as another client, or nobody, would write it. */
function foreignLog(name: string, records: readonly WandbRecord[]): string {
  const frames = new Frames(FILE_HEADER.length);
  const run = { runId: "foreign", project: "faults", startTime: { seconds: 90 } };
  for (const [index, record] of [{ header: {} }, { run }, ...records, { exit: {} }].entries())
    frames.append(encodeRecord({ num: index + 1, ...record } as WandbRecord));
  const path = join(log.folder, name);
  writeFileSync(path, Buffer.concat([FILE_HEADER, frames.bytes.subarray(0, frames.length)]));
  return path;
}

const stored = () => log.server.store.projects.get("tester/faults")!.runs.get("foreign")!;

describe("a log of somebody else's", () => {
  test("what cannot be read in it keeps nothing else back", async () => {
    const path = join(log.folder, "odd.wandb");
    const frames = new Frames(FILE_HEADER.length);
    const row = (step: number) =>
      encodeRecord({ history: { item: [{ key: "a", valueJson: String(step) }] } });
    frames.append(encodeRecord({ header: {} }));
    frames.append(encodeRecord({ run: { runId: "foreign", project: "faults" } }));
    frames.append(row(1));
    // Fields 2 (history) and 4 (summary) whose first item is longer than they are.
    for (const tag of [0x12, 0x22]) frames.append(Uint8Array.of(tag, 2, 0x0a, 0x7f));
    frames.append(
      encodeRecord({ outputRaw: { outputType: "STDOUT", timestamp: { seconds: 1e17 }, line: "hi\n" } }),
    );
    frames.append(row(2));
    frames.append(encodeRecord({ exit: {} }));
    writeFileSync(path, Buffer.concat([FILE_HEADER, frames.bytes.subarray(0, frames.length)]));
    expect(await log.send({ logFile: path })).toMatchObject({
      complete: false,
      problems: ["a row of the log cannot be read", "a record of the log cannot be read"],
      rows: 2,
    });
    expect([...stored().history.values()].flatMap(({ lines }) => lines)).toEqual(['{"a":1}', '{"a":2}']);
    expect(stored().state).toBe("finished");
  });

  test("its files cannot lead out of the run's folder", async () => {
    const secret = join(log.place.dir, "secret.txt");
    writeFileSync(secret, "the secret");
    const files = join(log.folder, "files");
    mkdirSync(join(files, "sub"), { recursive: true });
    symlinkSync(secret, join(files, "link.txt"));
    symlinkSync(log.place.dir, join(files, "linked"));
    const paths = [
      "../../../secret.txt",
      "sub/../../../../secret.txt",
      secret,
      "..\\..\\..\\secret.txt",
      "link.txt",
      "linked/secret.txt",
      "/etc/hostname",
      "notes.txt\0.jpg",
    ];
    const logFile = foreignLog("files.wandb", [{ files: { files: paths.map((path) => ({ path })) } }]);
    const end = (await log.send({ logFile })) as SendEnd;
    expect([...end.problems, ...end.notes]).toHaveLength(paths.length);
    const content = await Promise.all([...stored().files.values()].map(({ blob }) => blob.read()));
    for (const bytes of content) expect(bytes.toString()).not.toContain("the secret");
    expect([...stored().files.keys()].filter((name) => /secret|hostname|link|notes/.test(name))).toEqual([]);
  });

  test("its artifacts send no file whose content they do not know", async () => {
    const secret = join(log.place.dir, "other-secret.txt");
    writeFileSync(secret, "another secret");
    const artifact = {
      name: "stolen",
      type: "t",
      digest: "0".repeat(32),
      finalize: true,
      clientId: "c".repeat(32),
      manifest: {
        version: 1,
        storagePolicy: "wandb-storage-policy-v1",
        contents: [
          { path: "x", digest: "1B2M2Y8AsgTpgAmY7PhCfg==", size: 14, localPath: secret },
          { path: "../../y", digest: "1B2M2Y8AsgTpgAmY7PhCfg==", size: 14, localPath: "/etc/hostname" },
        ],
      },
    } as const;
    const logFile = foreignLog("artifact.wandb", [{ artifact } as unknown as WandbRecord]);
    const end = (await log.send({ logFile })) as SendEnd;
    expect(end.problems.join()).toMatch(/stolen/);
    for (const { files } of log.server.store.artifacts.values()) expect([...files.keys()]).toEqual([]);
    expect(readFileSync(secret, "utf8")).toBe("another secret");
  });

  test("keys like __proto__ in config, summary and rows stay keys", async () => {
    const hostile = '{"polluted":true}';
    const logFile = foreignLog("proto.wandb", [
      { config: { update: [{ key: "__proto__", valueJson: hostile }] } },
      { config: { update: [{ nestedKey: ["constructor", "prototype", "polluted"], valueJson: "true" }] } },
      { summary: { update: [{ key: "__proto__", valueJson: hostile }] } },
      { summary: { update: [{ nestedKey: ["__proto__", "polluted"], valueJson: "true" }] } },
      { history: { item: [{ key: "__proto__", valueJson: hostile }], step: { num: 0 } } },
    ] as unknown as WandbRecord[]);
    expect(await log.send({ logFile })).not.toBe("hangs");
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(stored().summary).toContain('"__proto__"');
    expect(stored().config).toContain('"__proto__"');
  });
});

describe("a run beside a hostile server", () => {
  test("escape sequences do not reach the terminal", async () => {
    const hostile = "\u001b[31mred\u001b]0;title\u0007\u009b2J\rover";
    always(log, {
      match: { operation: "UpsertBucket" },
      action: {
        kind: "change",
        change: (json) => {
          const answer = structuredClone(json) as {
            data: { upsertBucket: { bucket: { displayName: string } } };
          };
          answer.data.upsertBucket.bucket.displayName = hostile;
          return answer;
        },
      },
    });
    const body = JSON.stringify({ errors: [{ message: hostile }] });
    always(log, { match: { path: /file_stream$/ }, action: { kind: "status", status: 500, body } });
    const place = placeIn(join(log.place.dir, "escapes"), log.server);
    mkdirSync(place.dir);
    const { ended, result } = await runOnline(place, { rows: 20, deadlineMs: 1_000 });
    expect(ended.code).toBe(0);
    expect(result!.report.pending).toBeGreaterThan(0);
    expect(ended.stderr).toContain("[31mred");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(ended.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test("`stopped` from the first answer interrupts the script as Ctrl+C does; its log is whole", async () => {
    always(log, {
      match: { path: /file_stream$/ },
      action: { kind: "change", change: () => ({ stopped: true }) },
    });
    const place = placeIn(join(log.place.dir, "stopped"), log.server);
    mkdirSync(place.dir);
    const { ended } = await runOnline(place, { rows: 10_000, blockMs: 100 });
    expect([ended.signal, ended.code]).toEqual(["SIGINT", null]);
    expect(ended.said.join("\n")).toMatch(/the run was stopped on its page/);
    const { complete, rows } = await sendLog(place);
    expect([complete, rows > 0]).toEqual([true, true]);
  });
});
