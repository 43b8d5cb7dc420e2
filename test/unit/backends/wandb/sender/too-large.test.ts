import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRunFields } from "#backends/wandb/sender/run-fields.js";
import { createUpserts } from "#backends/wandb/sender/upserts.js";
import { createGraphql } from "#backends/wandb/server/graphql.js";
import { countHoles, writtenLines } from "../../../../support/wandb-server/line-file.js";
import { bodies, QUICK_RETRY, rows, type Setting, startSetting, startStream } from "./stream-setting.js";

// A proxy in front of a server that takes requests of a size (nginx: client_max_body_size) and answers 413 to others.

let setting: Setting;
beforeEach(async () => {
  setting = await startSetting();
});
afterEach(() => setting.close());

const sizeOf = (body: unknown): number => Buffer.byteLength(JSON.stringify(body));

function limitTo(bytes: number): void {
  setting.server.faults.push({
    match: { path: /file_stream$/, where: ({ body }) => sizeOf(body) > bytes },
    times: Number.POSITIVE_INFINITY,
    action: { kind: "status", status: 413 },
  });
}

const row = (step: number, bytes: number): string =>
  `{"loss":"${"x".repeat(bytes)}","_step":${step},"_timestamp":1700000000.5,"_runtime":${step}.25}`;

describe("the file stream", () => {
  test("sends smaller requests, in order, and begins with those afterwards", async () => {
    limitTo(100_000);
    const { stream, told } = startStream(setting, { transmitIntervalMs: 20 });
    const lines = Array.from({ length: 400 }, (_, step) => row(step, 1_000));
    for (const line of lines) stream.history(line);
    stream.event('{"_runtime":1}');
    stream.summary('{"loss":1}');
    stream.consoleLine(0, "hi");
    stream.uploaded("a.txt");
    await stream.flush();
    const refused = bodies(setting).filter((body) => sizeOf(body) > 100_000).length;
    expect(refused).toBeGreaterThan(0);
    const more = Array.from({ length: 400 }, (_, index) => row(400 + index, 1_000));
    for (const line of more) stream.history(line);
    await stream.finish({ exitCode: 0 });
    expect(bodies(setting).filter((body) => sizeOf(body) > 100_000)).toHaveLength(refused);
    expect(writtenLines(setting.run.history)).toEqual([...lines, ...more]);
    expect(countHoles(setting.run.history)).toBe(0);
    expect(writtenLines(setting.run.events)).toEqual(['{"_runtime":1}']);
    expect(writtenLines(setting.run.console)).toEqual(["hi"]);
    expect(setting.run.summary).toBe('{"loss":1}');
    expect([...setting.run.uploaded]).toEqual(["a.txt"]);
    expect([setting.run.state, told.dropped, told.failures]).toEqual(["finished", [], []]);
    expect(told.acknowledged.at(-1)).toMatchObject({ history: 800, events: 1, console: 1 });
  });

  test("a line that is refused alone keeps its place and its small values; the rest goes on", async () => {
    limitTo(1_000);
    const { stream, told } = startStream(setting, { offsets: { history: 7, events: 0, console: 0 } });
    stream.history(row(0, 10));
    stream.history(`{"acc":NaN,${row(1, 5_000).slice(1)}`);
    stream.history(row(2, 10));
    stream.event(`{"_wandb":true,"_timestamp":1,"_runtime":2,"system.cpu":"${"x".repeat(5_000)}"}`);
    await stream.finish({ exitCode: 0 });
    expect(writtenLines(setting.run.history)).toEqual([
      row(0, 10),
      '{"_step":1,"_timestamp":1.7000000005e+09,"_runtime":1.25,"acc":NaN}',
      row(2, 10),
    ]);
    expect(writtenLines(setting.run.events)).toEqual(['{"_wandb":true,"_timestamp":1,"_runtime":2}']);
    const bytes = Buffer.byteLength(row(1, 5_000)) + '"acc":NaN,'.length;
    expect(told.dropped).toEqual([
      ["history", `the server refused one of ${bytes} bytes (413)`, 1],
      ["events", expect.stringContaining("(413)"), 0],
    ]);
    expect([setting.run.state, told.failures]).toEqual(["finished", []]);
  });

  test("a summary that is refused is not sent again until it is smaller", async () => {
    limitTo(1_000);
    const { stream, told } = startStream(setting, { transmitIntervalMs: 10 });
    const large = JSON.stringify({ a: "x".repeat(2_000) });
    stream.summary(large);
    await stream.flush();
    const asked = bodies(setting).length;
    stream.summary(large);
    await stream.flush();
    expect(bodies(setting).slice(asked).map(sizeOf)).toEqual([2]);
    stream.summary('{"a":1}');
    await stream.finish(undefined);
    expect(setting.run.summary).toBe('{"a":1}');
    expect(told.dropped.map(([kind]) => kind)).toEqual(["summary", "summary"]);
  });

  test("one that refuses everything has not measured the line: nothing is left out", async () => {
    limitTo(0);
    const { stream, told } = startStream(setting);
    stream.history("{}");
    await stream.finish({ exitCode: 0 });
    expect(told.dropped).toEqual([]);
    expect(told.failures.map(({ status }) => status)).toEqual([413]);
  });

  test.each([1, 2, 3, 4])("refused %i times for a moment: everything arrives", async (times) => {
    setting.server.faults.push({
      match: { path: /file_stream$/ },
      times,
      action: { kind: "status", status: 413 },
    });
    const { stream, told } = startStream(setting, { policy: { ...QUICK_RETRY, refusals: 5 } });
    for (const line of rows(times)) stream.history(line);
    await stream.finish({ exitCode: 0 });
    expect(writtenLines(setting.run.history)).toEqual(rows(times));
    expect([told.dropped, told.failures, setting.run.state]).toEqual([[], [], "finished"]);
  });
});

describe("the run's upsert", () => {
  function startUpserts(config: () => string) {
    const troubles: unknown[] = [];
    const fields = createRunFields();
    fields.update({ runId: "r2", project: "p", displayName: "first" });
    const upserts = createUpserts({
      graphql: createGraphql(setting.http),
      fields,
      config,
      onTrouble: (error) => troubles.push(error),
      policy: QUICK_RETRY,
    });
    return { upserts, fields, troubles };
  }
  const limitConfig = (bytes: number, times = Number.POSITIVE_INFINITY): void => {
    setting.server.faults.push({
      match: {
        operation: "UpsertBucket",
        where: ({ variables }) => String(variables?.["config"] ?? "").length > bytes,
      },
      times,
      action: { kind: "status", status: 413 },
    });
  };
  const runOf = (id: string) => setting.server.store.projects.get("tester/p")!.runs.get(id)!;
  const configOf = (value: string) =>
    JSON.stringify({
      big: { value },
      _wandb: { value: { t: { 3: [16] }, cli_version: "tracelet 1", m: [] } },
    });

  test("a configuration that is too large keeps neither the run nor its later changes back", async () => {
    limitConfig(1_000);
    let config = configOf("x".repeat(2_000));
    const { upserts, fields, troubles } = startUpserts(() => config);
    expect(await upserts.first()).toMatchObject({ runId: "r2", entity: "tester" });
    // What makes a run one that can be resumed: reference 2.4.
    expect(JSON.parse(runOf("r2").config)).toEqual({
      _wandb: { value: { t: { 3: [16] }, cli_version: "tracelet 1" } },
    });
    fields.update({ tags: ["later"] });
    upserts.changed("fields");
    expect(await upserts.flush()).toBe(false);
    expect(runOf("r2").tags).toEqual(["later"]);
    expect(troubles.map(String)).toEqual(
      Array.from({ length: 2 }, () => "RequestError: the server refuses it as too large (413)"),
    );
    config = configOf("small");
    expect(await upserts.flush()).toBe(true);
    expect(runOf("r2").config).toBe(config);
  });

  test("refused for a moment, it is whole all the same", async () => {
    let config = configOf("small");
    const { upserts, troubles } = startUpserts(() => config);
    limitConfig(0, 1);
    await upserts.first();
    expect(runOf("r2").config).toBe(config);
    limitConfig(0, 1);
    config = configOf("other");
    upserts.changed("config");
    expect(await upserts.flush()).toBe(true);
    expect(runOf("r2").config).toBe(config);
    expect(troubles).toEqual([]);
  });
});
