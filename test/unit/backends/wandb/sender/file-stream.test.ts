import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FaultAction } from "../../../../support/wandb-server/faults.js";
import { countHoles, writtenLines } from "../../../../support/wandb-server/line-file.js";
import { bodies, rows, type Setting, startSetting, startStream, streamRequests } from "./stream-setting.js";

let setting: Setting;
beforeEach(async () => {
  setting = await startSetting();
});
afterEach(() => setting.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("the first rows leave at once", async () => {
  const { stream } = startStream(setting, { transmitIntervalMs: 60_000 });
  stream.history('{"loss":1}');
  await vi.waitFor(() => expect(bodies(setting)).toHaveLength(1), 8_000);
  await stream.finish({ exitCode: 0 });
});

test("later rows leave together after the interval", async () => {
  const { stream } = startStream(setting, { transmitIntervalMs: 1_000 });
  const start = performance.now();
  stream.history('{"loss":1}');
  stream.history('{"loss":2}');
  await vi.waitFor(() => expect(bodies(setting)).toHaveLength(1), 8_000);
  stream.history('{"loss":3}');
  await pause(20);
  stream.event('{"system.cpu":1}');
  stream.summary('{"loss":2}');
  stream.summary('{"loss":3}');
  stream.consoleLine(0, "hi");
  stream.uploaded("config.yaml");
  await vi.waitFor(() => expect(bodies(setting)).toHaveLength(2), 8_000);
  // Timers may be a moment early.
  expect(performance.now() - start).toBeGreaterThan(990);
  await stream.finish({ exitCode: 0 });
  // The keys and offsets of the reference, 3.1 and 3.2.
  expect(bodies(setting)).toEqual([
    { files: { "wandb-history.jsonl": { offset: 0, content: ['{"loss":1}', '{"loss":2}'] } } },
    {
      files: {
        "wandb-history.jsonl": { offset: 2, content: ['{"loss":3}'] },
        "wandb-events.jsonl": { offset: 0, content: ['{"system.cpu":1}'] },
        "wandb-summary.json": { offset: 0, content: ['{"loss":3}'] },
        "output.log": { offset: 0, content: ["hi"] },
      },
      uploaded: ["config.yaml"],
    },
    { complete: true, exitcode: 0 },
  ]);
});

test("the rest and the end are one request, and nothing follows it", async () => {
  const { stream, told } = startStream(setting, { transmitIntervalMs: 60_000, heartbeatMs: 50 });
  stream.history("{}");
  await stream.flush();
  stream.history('{"a":1}');
  const done = stream.finish({ exitCode: 3 });
  stream.history('{"late":1}');
  await done;
  stream.history('{"later":1}');
  await stream.flush();
  await pause(150);
  expect(bodies(setting).at(-1)).toEqual({
    files: { "wandb-history.jsonl": { offset: 1, content: ['{"a":1}'] } },
    complete: true,
    exitcode: 3,
  });
  expect(setting.run.exitCode).toBe(3);
  expect(told.acknowledged.at(-1)).toEqual({ history: 2, events: 0, console: 0, uploaded: [] });
});

test("without an end the stream is emptied and the run goes on", async () => {
  const { stream } = startStream(setting);
  stream.history("{}");
  await stream.finish(undefined);
  expect(bodies(setting)).toEqual([{ files: { "wandb-history.jsonl": { offset: 0, content: ["{}"] } } }]);
  expect(setting.run.state).toBe("running");
});

test("the lines of a resumed run follow those that are there; counts are this run's", async () => {
  const { stream, told } = startStream(setting, { offsets: { history: 10, events: 4, console: 120 } });
  stream.history("{}");
  stream.event("{}");
  stream.consoleLine(0, "a");
  stream.consoleLine(1, "b");
  stream.uploaded("x");
  await stream.flush();
  expect(bodies(setting)).toEqual([
    {
      files: {
        "wandb-history.jsonl": { offset: 10, content: ["{}"] },
        "wandb-events.jsonl": { offset: 4, content: ["{}"] },
        "output.log": { offset: 120, content: ["a", "b"] },
      },
      uploaded: ["x"],
    },
  ]);
  expect(told.acknowledged).toEqual([{ history: 1, events: 1, console: 2, uploaded: ["x"] }]);
  await stream.finish(undefined);
});

test("heartbeats after silence", async () => {
  const { stream, told } = startStream(setting, { heartbeatMs: 80, transmitIntervalMs: 10 });
  await vi.waitFor(() => expect(bodies(setting).length).toBeGreaterThanOrEqual(2), 5_000);
  expect(new Set(bodies(setting).map((body) => JSON.stringify(body)))).toEqual(new Set(["{}"]));
  expect(told.acknowledged).toEqual([]);
  await stream.finish(undefined);
});

test("preempting is said at once", async () => {
  const { stream } = startStream(setting, { transmitIntervalMs: 60_000 });
  stream.history("{}");
  await stream.flush();
  stream.preempting();
  await vi.waitFor(() => expect(setting.run.preempting).toBe(true), 8_000);
  expect(bodies(setting).at(-1)).toEqual({ preempting: true });
  await stream.finish({ exitCode: 1 });
  expect(setting.run.state).toBe("preempted");
});

test("a full buffer is sent at once, and a source that waits for room never has more than that", async () => {
  const { stream } = startStream(setting, { transmitIntervalMs: 60_000, maxBytes: 1000 });
  const lines = rows(1000);
  for (const line of lines) {
    await stream.hasRoom();
    stream.history(line);
    expect(stream.waitingBytes).toBeLessThan(1000 + line.length);
  }
  await stream.finish({ exitCode: 0 });
  expect(writtenLines(setting.run.history)).toEqual(lines);
  for (const body of bodies(setting)) {
    const { files } = body as { files?: { [name: string]: { content: string[] } } };
    expect(files?.["wandb-history.jsonl"]?.content.join("").length ?? 0).toBeLessThanOrEqual(1000);
  }
});

test("headers of shared mode, and gzip", async () => {
  const headers = { "X-WANDB-USE-ASYNC-FILESTREAM": "true", "X-WANDB-ASYNC-CLIENT-ID": "w".repeat(32) };
  const { stream } = startStream(setting, { headers, gzip: true, heartbeatMs: 100 });
  stream.history('{"a":NaN}');
  await stream.flush();
  await pause(150);
  await stream.finish(undefined);
  const [first, beat] = streamRequests(setting);
  expect(first!.headers).toMatchObject({
    "x-wandb-use-async-filestream": "true",
    "x-wandb-async-client-id": "w".repeat(32),
    "content-encoding": "gzip",
    "content-type": "application/json",
  });
  expect(beat!.headers["content-encoding"]).toBeUndefined();
  expect(writtenLines(setting.run.history)).toEqual(['{"a":NaN}']);
});

test("a line and a summary beyond their limits are dropped and told; the others stay without a hole", async () => {
  const { stream, told } = startStream(setting, { maxLineBytes: 20, maxSummaryBytes: 30 });
  stream.history('{"a":1}');
  stream.history(`{"a":"${"x".repeat(20)}"}`);
  // 10 characters, 20 bytes: the limit itself.
  stream.history("é".repeat(10));
  stream.event("e".repeat(21));
  stream.summary(`{"a":"${"x".repeat(30)}"}`);
  await stream.finish(undefined);
  expect(writtenLines(setting.run.history)).toEqual(['{"a":1}', "é".repeat(10)]);
  expect(countHoles(setting.run.history)).toBe(0);
  expect(told.dropped.map(([kind]) => kind)).toEqual(["history", "events", "summary"]);
  expect(told.dropped[0]![1]).toContain("28 bytes");
});

// The official client's setting for a line can only raise the limit of the summary: reference 3.4.
test("a smaller limit of a line leaves the summary's as it is", async () => {
  const { stream, told } = startStream(setting, { maxLineBytes: 20 });
  stream.summary(`{"a":"${"x".repeat(1000)}"}`);
  await stream.finish(undefined);
  expect(told.dropped).toEqual([]);
  expect(setting.run.summary).toHaveLength(1008);
});

test("the summary may be a function, asked once for each request", async () => {
  const { stream } = startStream(setting, { transmitIntervalMs: 60_000 });
  const read = vi.fn(() => '{"n":1}');
  for (let each = 0; each < 100; each++) stream.summary(read);
  await stream.finish(undefined);
  expect(read).toHaveBeenCalledTimes(1);
  expect(setting.run.summary).toBe('{"n":1}');
});

test("stopped is told once", async () => {
  const { stream, told } = startStream(setting);
  setting.run.stopped = true;
  stream.history("{}");
  await stream.flush();
  stream.history("{}");
  await stream.flush();
  expect(told.stopped).toBe(1);
  await stream.finish(undefined);
});

test("flush resolves while lines keep coming", async () => {
  const { stream, told } = startStream(setting, { maxBytes: 200, transmitIntervalMs: 60_000 });
  let count = 0;
  const more = setInterval(() => {
    for (let each = 0; each < 100; each++) stream.history(`{"_step":${count++}}`);
  }, 1);
  await pause(20);
  const given = count;
  stream.consoleLine(0, "before");
  stream.summary('{"before":1}');
  await stream.flush();
  clearInterval(more);
  expect(told.acknowledged.at(-1)!.history).toBeGreaterThanOrEqual(given);
  expect(setting.run.summary).toBe('{"before":1}');
  expect(writtenLines(setting.run.console)).toEqual(["before"]);
  await stream.finish(undefined);
  expect(writtenLines(setting.run.history)).toEqual(rows(count));
});

const FAULTS: readonly [string, FaultAction][] = [
  ["connection lost before", { kind: "drop", when: "before" }],
  ["connection lost after", { kind: "drop", when: "after" }],
  ["500", { kind: "status", status: 500 }],
  ["503, applied", { kind: "status", status: 503, applied: true }],
  ["408", { kind: "status", status: 408 }],
  ["429 with Retry-After", { kind: "status", status: 429, headers: { "Retry-After": "0.05" } }],
  ["no answer", { kind: "hang" }],
  ["a web page with status 200", { kind: "html" }],
  ["a web page with status 502", { kind: "html", status: 502 }],
  ["half an answer", { kind: "half" }],
];

test.each(FAULTS)("every line arrives once: %s", async (_, action) => {
  const { stream, told } = startStream(setting, { maxBytes: 300, transmitIntervalMs: 20 });
  setting.server.faults.push(
    { match: { path: /file_stream$/ }, times: 2, action },
    { match: { path: /file_stream$/ }, skip: 3, times: 2, action },
  );
  const lines = rows(200);
  for (const [index, line] of lines.entries()) {
    await stream.hasRoom();
    stream.history(line);
    stream.event(line);
    stream.consoleLine(index, line);
    stream.summary(line);
  }
  await stream.finish({ exitCode: 0 });
  expect(writtenLines(setting.run.history)).toEqual(lines);
  expect(writtenLines(setting.run.events)).toEqual(lines);
  expect(writtenLines(setting.run.console)).toEqual(lines);
  expect(countHoles(setting.run.history)).toBe(0);
  expect(setting.run.summary).toBe(lines.at(-1));
  expect(setting.run.state).toBe("finished");
  expect(told.trouble).toHaveLength(4);
  expect(told.failures).toEqual([]);
  expect(told.acknowledged.at(-1)).toEqual({ history: 200, events: 200, console: 200, uploaded: [] });
  // A repeated request is the same to the byte.
  const all = bodies(setting).map((body) => JSON.stringify(body));
  expect(all[1]).toBe(all[0]);
  expect(all[2]).toBe(all[0]);
});

test.each([400, 401, 403, 404, 409, 410, 422, 501])("status %i ends the stream", async (status) => {
  const { stream, told } = startStream(setting, { maxBytes: 50, heartbeatMs: 20 });
  setting.server.faults.push({
    match: { path: /file_stream$/ },
    times: Number.POSITIVE_INFINITY,
    action: { kind: "status", status },
  });
  for (const line of rows(100)) stream.history(line);
  const room = stream.hasRoom();
  await Promise.all([stream.flush(), room]);
  expect(told.failures.map((error) => error.status)).toEqual([status]);
  expect(stream.waitingBytes).toBe(0);
  stream.history("{}");
  await stream.finish({ exitCode: 0 });
  await pause(50);
  expect(streamRequests(setting)).toHaveLength(1);
});

test("retries that are used up end the stream", async () => {
  const { stream, told } = startStream(setting, {
    policy: { retries: 2, minWaitMs: 1, maxWaitMs: 2, repeats: () => true },
  });
  setting.server.faults.push({
    match: { path: /file_stream$/ },
    times: 3,
    action: { kind: "status", status: 500 },
  });
  stream.history("{}");
  await stream.finish({ exitCode: 0 });
  expect(told.failures.map(({ status }) => status)).toEqual([500]);
  expect(streamRequests(setting)).toHaveLength(3);
});

test("the signal ends a stream that waits for an answer or for its next attempt", async () => {
  for (const action of [{ kind: "hang" }, { kind: "status", status: 500 }] as const) {
    const controller = new AbortController();
    const { stream, told } = startStream(setting, {
      signal: controller.signal,
      policy: { retries: 10, minWaitMs: 60_000, maxWaitMs: 60_000, repeats: () => true },
    });
    setting.server.faults.push({ match: { path: /file_stream$/ }, action });
    stream.history("{}");
    const flushed = stream.flush();
    const before = streamRequests(setting).length;
    await vi.waitFor(() => expect(streamRequests(setting).length).toBeGreaterThan(before), 8_000);
    controller.abort();
    await Promise.all([flushed, stream.finish({ exitCode: 0 })]);
    expect(told.failures).toEqual([]);
  }
});

test("somebody in a hurry does not sit out a long wait", async () => {
  const hurry = new AbortController();
  const { stream } = startStream(setting, {
    hurry: hurry.signal,
    policy: { retries: 10, minWaitMs: 60_000, maxWaitMs: 60_000, repeats: () => true },
  });
  setting.server.faults.push({ match: { path: /file_stream$/ }, action: { kind: "drop", when: "before" } });
  stream.history("{}");
  await pause(50);
  hurry.abort();
  await stream.finish({ exitCode: 0 });
  expect(setting.run.state).toBe("finished");
});

test("a server's rate limit is kept", async () => {
  const { stream } = startStream(setting);
  let remaining = 1206;
  setting.server.faults.push({
    match: { path: /file_stream$/ },
    times: Number.POSITIVE_INFINITY,
    action: {
      kind: "reply",
      reply(response) {
        response.writeHead(200, { "RateLimit-Remaining": --remaining, "RateLimit-Reset": "60" });
        response.end("{}");
      },
    },
  });
  for (let each = 0; each < 40; each++) {
    stream.history("{}");
    await stream.flush();
  }
  // Measured after 6 requests, 10 more at once, then 1200 in 60 s: 20 in a second.
  const [first, ...others] = streamRequests(setting);
  const last = others.at(-1)!;
  expect(last.at - first!.at).toBeGreaterThan((40 - 16 - 1) * 50 * 0.9);
  await stream.finish(undefined);
});
