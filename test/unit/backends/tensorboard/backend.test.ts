import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backend } from "#backends/tensorboard/backend.js";
import { EventFileReader, type ValueMessage } from "#backends/tensorboard/index.js";
import { type TensorBoardOptions, tensorboardOptions } from "#backends/tensorboard/options.js";
import { decodeMessage } from "#backends/tensorboard/schema.js";
import type { Backend, RunDescription } from "#src/backend/contract.js";
import type { Event } from "#src/events/event.js";

let root: string;
const context = { warn: vi.fn(), location: vi.fn(), address: vi.fn(), drop: vi.fn() };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tracelet-tb-"));
  for (const mock of Object.values(context)) mock.mockReset();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

const WALL = 1000.5;
const FINISHED = { status: "finished", exitCode: 0 } as const;

async function open(options: TensorBoardOptions, run: Partial<RunDescription> = {}): Promise<Backend> {
  const description = {
    id: "run1",
    name: undefined,
    project: "p",
    tags: [],
    params: {},
    dir: root,
    startTime: 990,
  };
  const opened = await backend.create(options, context);
  await opened.open({ ...description, ...run });
  return opened;
}

/** Logs into `<root>/run` and gives the values by tag. */
async function log(...events: Event[]): Promise<Map<string, { step: number; value: ValueMessage }[]>> {
  const opened = await open({ logDir: "run" });
  await opened.write(events);
  await opened.close(FINISHED, 5_000);
  return valuesIn("run");
}

function valuesIn(folder: string): Map<string, { step: number; value: ValueMessage }[]> {
  const values = new Map<string, { step: number; value: ValueMessage }[]>();
  for (const { step = 0, summary } of new EventFileReader(join(root, folder))) {
    for (const value of summary?.value ?? []) {
      values.set(value.tag ?? "", [...(values.get(value.tag ?? "") ?? []), { step, value }]);
    }
  }
  return values;
}

const textOf = (entry: { value: ValueMessage } | undefined) =>
  Buffer.from(entry!.value.tensor!.stringVal![0]!).toString();
const hparamsOf = (entry: { value: ValueMessage } | undefined) =>
  decodeMessage("HparamsData", entry!.value.metadata!.pluginData!.content!);
const scalar = (tag: string, value: number, step?: number): Event => ({
  kind: "scalar",
  tag,
  value,
  wallTime: WALL,
  ...(step === undefined ? {} : { step }),
});

describe("folder of the run", () => {
  it("is below runs/, with the name of the run or torch's default, made unique", async () => {
    for (let i = 0; i < 2; i++) (await open({}, { name: "my run" })).close(FINISHED, 5_000);
    for (let i = 0; i < 2; i++) (await open({ comment: "_x" })).close(FINISHED, 5_000);
    const names = readdirSync(join(root, "runs")).sort();
    expect(names.slice(2)).toEqual(["my run", "my run-1"]);
    expect(names[0]).toMatch(/^[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.+_x$/);
    expect(names[1]).toBe(`${names[0]}-1`);
    expect(context.location.mock.calls[0]).toEqual([join(root, "runs", "my run")]);
  });

  it("never lies outside runs/, whatever the name", async () => {
    const opened = await open({}, { name: "../../evil/./x" });
    await opened.close(FINISHED, 5_000);
    expect(context.location.mock.calls).toEqual([[join(root, "runs", "__", "__", "evil", "_", "x")]]);
  });

  it("may exist when logDir names it", async () => {
    for (const value of [1, 2]) {
      const opened = await open({ logDir: join(root, "run") });
      opened.write([scalar("a", value, value)]);
      opened.close(FINISHED, 5_000);
    }
    expect(
      valuesIn("run")
        .get("a")
        ?.map(({ value }) => value.simpleValue),
    ).toEqual([1, 2]);
  });

  it("cannot be created: an error that says what to do", async () => {
    writeFileSync(join(root, "runs"), "");
    await expect(open({}, { name: "x" })).rejects.toMatchObject({ code: "backend-failed" });
  });
});

describe("options", () => {
  const validate = (value: unknown) => tensorboardOptions["~standard"].validate(value);
  it("are checked", async () => {
    expect(
      await validate({ logDir: "x", purgeStep: 3, filenameSuffix: ".a", comment: undefined }),
    ).not.toHaveProperty("issues");
    for (const wrong of [
      { logdir: "x" },
      { purgeStep: 1.5 },
      { filenameSuffix: "a/b" },
      { comment: "a\\b" },
    ]) {
      expect(await validate(wrong)).toMatchObject({ issues: expect.any(Array) });
    }
  });
});

describe("scalars", () => {
  it("are the same by columns and by events", async () => {
    const opened = await open({ logDir: "run" });
    opened.write([scalar("a", 0.1, 1), scalar("b", NaN, 5), scalar("a", 2, -3)]);
    opened.writeScalars!({
      length: 3,
      tags: ["a", "b", "a"],
      values: Float64Array.of(0.1, NaN, 2),
      steps: Float64Array.of(1, 5, -3),
      wallTimes: Float64Array.of(WALL, WALL, WALL),
    });
    await opened.close(FINISHED, 5_000);
    expect(context.location.mock.calls).toEqual([[join(root, "run")]]);
    const [, ...events] = new EventFileReader(join(root, "run"));
    expect(events.slice(3)).toEqual(events.slice(0, 3));
    expect(events[2]).toEqual({
      wallTime: WALL,
      step: -3,
      summary: { value: [{ tag: "a", simpleValue: 2 }] },
    });
  });

  it("without a step are counted for each tag", async () => {
    const opened = await open({ logDir: "run" });
    opened.write([scalar("a", 1), scalar("a", 2), scalar("b", 3), scalar("c", 4, 9)]);
    opened.writeScalars!({
      length: 1,
      tags: ["a"],
      values: Float64Array.of(5),
      steps: Float64Array.of(NaN),
      wallTimes: Float64Array.of(WALL),
    });
    opened.close(FINISHED, 5_000);
    const [, ...events] = new EventFileReader(join(root, "run"));
    const steps = events.map(({ step, summary }) => [summary?.value?.[0]?.tag, step ?? 0]);
    expect(steps).toEqual([
      ["a", 0],
      ["a", 1],
      ["b", 0],
      ["c", 9],
      ["a", 2],
    ]);
  });

  it("are on disk when the call returns", async () => {
    const opened = await open({ logDir: "run" });
    opened.write([scalar("a", 1)]);
    expect(valuesIn("run").get("a")).toHaveLength(1);
    opened.close(FINISHED, 5_000);
  });

  it("of two open runs do not mix", async () => {
    const first = await open({ logDir: "a" });
    const second = await open({ logDir: "b" });
    for (let i = 0; i < 3; i++) {
      first.write([scalar("first", i, i)]);
      second.write([scalar("second", i, i)]);
    }
    first.close(FINISHED, 5_000);
    second.close(FINISHED, 5_000);
    expect([...valuesIn("a").keys()]).toEqual(["first"]);
    expect([...valuesIn("b").keys()]).toEqual(["second"]);
  });

  it("of a row are scalars, or with a main tag sub-runs as torch names them", async () => {
    const values = await log(
      { kind: "row", tags: ["a", "b"], values: [1, 2], wallTime: WALL, step: 4 },
      {
        kind: "row",
        mainTag: "m/n",
        tags: ["x", "y/z", "../../out"],
        values: [1, 2, 3],
        wallTime: WALL,
        step: 5,
      },
    );
    expect([...values.keys()]).toEqual(["a", "b"]);
    expect(valuesIn("run/m_n_x").get("m/n")).toMatchObject([{ step: 5, value: { simpleValue: 1 } }]);
    expect(valuesIn("run/m_n_y/z").get("m/n")).toMatchObject([{ step: 5, value: { simpleValue: 2 } }]);
    expect(valuesIn("run/m_n_../__/out").get("m/n")).toHaveLength(1);
    expect(readdirSync(root)).toEqual(["run"]);
  });

  it("of the machine are on an axis of seconds", async () => {
    const values = await log({ kind: "system", values: { "cpu.percent": 50 }, wallTime: WALL });
    expect(values.get("system/cpu.percent")).toMatchObject([{ step: 10, value: { simpleValue: 50 } }]);
  });
});

describe("params, summary, tags, environment", () => {
  it("params are a row of the HParams page, written before the first scalar", async () => {
    const opened = await open(
      { logDir: "run" },
      { params: { lr: 0.1, model: { layers: [1, 2] } }, tags: ["a`b"] },
    );
    opened.write([{ kind: "params", params: { model: { name: "m|n" } }, wallTime: WALL }, scalar("a", 1)]);
    opened.write([{ kind: "params", params: { late: true }, wallTime: WALL }]);
    opened.close({ status: "failed", exitCode: 1 }, 5_000);
    const values = valuesIn("run");
    expect([...values.keys()]).toEqual([
      "params/text_summary",
      "tags/text_summary",
      "_hparams_/session_start_info",
      "a",
      "_hparams_/session_end_info",
    ]);
    expect(hparamsOf(values.get("_hparams_/session_start_info")![0])).toEqual({
      sessionStartInfo: {
        hparams: {
          lr: { numberValue: 0.1 },
          "model.layers": { stringValue: "[1,2]" },
          "model.name": { stringValue: "m|n" },
        },
      },
    });
    expect(hparamsOf(values.get("_hparams_/session_end_info")![0])).toEqual({
      sessionEndInfo: { status: 2 },
    });
    expect(JSON.parse(readFileSync(join(root, "run/params.json"), "utf8"))).toEqual({
      lr: 0.1,
      model: { layers: [1, 2], name: "m|n" },
      late: true,
    });
    expect(textOf(values.get("params/text_summary")!.at(-1))).toContain("| model.name | m\\|n |");
    expect(textOf(values.get("tags/text_summary")![0])).toBe("`a'b`");
  });

  it("a run without params is no row of the HParams page", async () => {
    const values = await log(scalar("a", 1), { kind: "finish", outcome: FINISHED, wallTime: WALL });
    expect([...values.keys()]).toEqual(["a"]);
  });

  it("finish gives the status once", async () => {
    const opened = await open({ logDir: "run" }, { params: { lr: 1 } });
    opened.write([{ kind: "finish", outcome: FINISHED, wallTime: WALL }]);
    opened.close({ status: "killed", exitCode: 1 }, 5_000);
    const ends = valuesIn("run").get("_hparams_/session_end_info")!;
    expect(ends.map(hparamsOf)).toEqual([{ sessionEndInfo: { status: 1 } }]);
  });

  it("a summary is a text, a file, and scalars for its numbers", async () => {
    const values = await log(
      { kind: "summary", values: { best: 0.9, name: "x" }, wallTime: WALL },
      { kind: "summary", values: { nested: { loss: NaN } }, wallTime: WALL },
    );
    expect(values.get("summary/best")).toMatchObject([{ value: { simpleValue: expect.closeTo(0.9, 6) } }]);
    expect(values.get("summary/nested.loss")![0]!.value.simpleValue).toBeNaN();
    expect(textOf(values.get("summary/text_summary")!.at(-1))).toContain("| name | x |");
    expect(JSON.parse(readFileSync(join(root, "run/summary.json"), "utf8"))).toEqual({
      best: 0.9,
      name: "x",
      nested: { loss: "NaN" },
    });
  });

  it("environment and console stand in files", async () => {
    const values = await log(
      { kind: "environment", environment: { node: "20", git: { dirty: true } }, wallTime: WALL },
      { kind: "console", stream: "stdout", text: "half a ", wallTime: WALL },
      { kind: "console", stream: "stderr", text: "line\n", wallTime: WALL },
    );
    expect(textOf(values.get("environment/text_summary")![0])).toContain("| git.dirty | true |");
    expect(JSON.parse(readFileSync(join(root, "run/environment.json"), "utf8"))).toEqual({
      node: "20",
      git: { dirty: true },
    });
    expect(readFileSync(join(root, "run/console.log"), "utf8")).toBe("half a line\n");
  });
});

describe("hparams", () => {
  it("are sub-runs with the metrics as scalars", async () => {
    const event = {
      kind: "hparams",
      hparams: { lr: 0.1 },
      metrics: { acc: 0.5 },
      wallTime: WALL,
      step: 3,
    } as const;
    await log({ ...event, runName: "trial" }, event, event, { ...event, runName: "../../out" });
    expect([...valuesIn("run/trial").keys()]).toEqual([
      "_hparams_/session_start_info",
      "_hparams_/session_end_info",
      "acc",
    ]);
    expect(valuesIn("run/trial").get("acc")).toMatchObject([{ step: 3, value: { simpleValue: 0.5 } }]);
    expect(
      readdirSync(join(root, "run"))
        .filter((name) => !name.includes("tfevents"))
        .sort(),
    ).toEqual(["1000.5", "1000.5-1", "__", "trial"]);
    await log({ ...event, runName: "domain", domainDiscrete: { lr: [0.1, 0.2] } });
    expect([...valuesIn("run/domain").keys()][0]).toBe("_hparams_/experiment");
  });
});

describe("files beside the event file", () => {
  it("figures TensorBoard cannot draw", async () => {
    const at = { wallTime: WALL, step: 1 };
    const svg = "<svg>```</svg>";
    const values = await log(
      { kind: "figure", tag: "f/1", figure: { format: "svg", text: svg }, ...at },
      { kind: "figure", tag: "f/1", figure: { format: "vega", spec: { mark: "bar" } }, ...at },
      { kind: "figure", tag: "f/1", figure: { format: "vega", spec: { mark: "dot" } }, ...at },
      { kind: "video", tag: "../v", video: { format: "mp4", bytes: Uint8Array.of(1) }, fps: 4, ...at },
      { kind: "image", tag: "i", image: { format: "web/../p", bytes: Uint8Array.of(2) }, wallTime: WALL },
    );
    expect(readdirSync(join(root, "run/figures")).sort()).toEqual([
      "f%2f1_1-1.vega.json",
      "f%2f1_1.svg",
      "f%2f1_1.vega.json",
    ]);
    expect(readFileSync(join(root, "run/figures/f%2f1_1.svg"), "utf8")).toBe(svg);
    const texts = values.get("f/1/text_summary")!;
    expect(texts.map(({ step }) => step)).toEqual([1, 1, 1]);
    expect(textOf(texts[0])).toContain(`\`figures/f%2f1_1.svg\`.\n\n\`\`\`\`xml\n${svg}\n\`\`\`\``);
    expect(readFileSync(join(root, "run/videos/..%2fv_1.mp4"))).toEqual(Buffer.of(1));
    expect(readdirSync(join(root, "run/images"))).toEqual(["i.web%2f..%2fp"]);
  });

  it("tables, as CSV and text", async () => {
    const rows = Array.from({ length: 150 }, (_, i) => [i, i === 0 ? 'a "b", c\nd' : NaN]);
    const values = await log({ kind: "table", tag: "t", columns: ["n", "x"], rows, wallTime: WALL });
    const csv = readFileSync(join(root, "run/tables/t.csv"), "utf8").split("\r\n");
    expect(csv.slice(0, 3)).toEqual(["n,x", '0,"a ""b"", c\nd"', "1,NaN"]);
    expect(csv).toHaveLength(152);
    const text = textOf(values.get("t/text_summary")![0]);
    expect(text).toContain('| 0 | a "b", c d |');
    expect(text).toContain("First 100 of 150 rows");
    expect(text).not.toContain("| 100 |");
  });

  it("embeddings, merged over calls and processes", async () => {
    const event: Event = {
      kind: "embedding",
      tag: 'a/"b',
      points: { shape: [2, 2], data: Float64Array.of(1, 1e-8, NaN, 4) },
      metadata: [
        ["x", "1"],
        ["tab\there", "2"],
      ],
      metadataHeader: ["name", "n"],
      wallTime: WALL,
    };
    const images = { shape: [2, 3, 2, 4], data: new Float32Array(48) };
    await log(event, { ...event, tag: "..", images, step: 7 });
    const { metadataHeader: _, ...labels } = event as Extract<Event, { kind: "embedding" }>;
    await log({ ...labels, tag: "..", metadata: [["p"], ["q"]], step: 7 });
    expect(readFileSync(join(root, 'run/00000/a%2f"b/tensors.tsv'), "utf8")).toBe("1\t1e-8\nNaN\t4\n");
    expect(readFileSync(join(root, 'run/00000/a%2f"b/metadata.tsv'), "utf8")).toBe(
      "name\tn\nx\t1\ntab here\t2\n",
    );
    expect(readFileSync(join(root, "run/00007/__/metadata.tsv"), "utf8")).toBe("p\nq\n");
    // the second process replaces the entry of its name and keeps the other
    expect(readFileSync(join(root, "run/projector_config.pbtxt"), "utf8")).toBe(`embeddings {
  tensor_name: "a/\\"b:00000"
  metadata_path: "00000/a%2f\\"b/metadata.tsv"
  tensor_path: "00000/a%2f\\"b/tensors.tsv"
}
embeddings {
  tensor_name: "..:00007"
  metadata_path: "00007/__/metadata.tsv"
  tensor_path: "00007/__/tensors.tsv"
}
`);
    const sprite = readFileSync(join(root, "run/00007/__/sprite.png"));
    expect([sprite.readUInt32BE(16), sprite.readUInt32BE(20)]).toEqual([8, 8]);
  });

  it("artifacts are copies, inside the run, noted with what is known of them", async () => {
    writeFileSync(join(root, "model.bin"), "old");
    mkdirSync(join(root, "data/deep"), { recursive: true });
    writeFileSync(join(root, "data/deep/x.txt"), "x");
    symlinkSync(join(root, "data"), join(root, "data/deep/loop"));
    const artifact = { kind: "artifact", type: "model", wallTime: WALL } as const;
    const values = await log(
      scalar("before", 1),
      {
        ...artifact,
        name: "m",
        path: "models/model.bin",
        source: { file: join(root, "model.bin") },
        aliases: ["best"],
      },
      scalar("between", 2),
      { ...artifact, name: "d", path: "data", source: { folder: join(root, "data") } },
      { ...artifact, name: "all", path: "all", source: { folder: root } },
      { ...artifact, name: "b", path: "../../b.bin", source: { bytes: Uint8Array.of(1) } },
      { ...artifact, name: "r", path: "r", source: { reference: "s3://bucket/key" } },
      scalar("after", 3),
    );
    writeFileSync(join(root, "model.bin"), "new");
    expect([...values.keys()]).toEqual(["before", "between", "after"]);
    const artifacts = join(root, "run/artifacts");
    expect(readFileSync(join(artifacts, "models/model.bin"), "utf8")).toBe("old");
    expect(readFileSync(join(artifacts, "data/deep/x.txt"), "utf8")).toBe("x");
    expect(existsSync(join(artifacts, "data/deep/loop"))).toBe(false);
    expect(existsSync(join(artifacts, "all/run"))).toBe(false);
    expect(readFileSync(join(artifacts, "__/__/b.bin"))).toEqual(Buffer.of(1));
    const notes = readFileSync(join(root, "run/artifacts.jsonl"), "utf8").trimEnd().split("\n");
    expect(JSON.parse(notes[0]!)).toEqual({
      name: "m",
      type: "model",
      path: "models/model.bin",
      wallTime: WALL,
      aliases: ["best"],
    });
    expect(JSON.parse(notes[4]!)).toMatchObject({ reference: "s3://bucket/key" });
    expect(context.drop).not.toHaveBeenCalled();
  });
});

describe("trouble", () => {
  it("what cannot be kept is counted with its reason, and the rest is kept", async () => {
    const opened = await open({ logDir: "run" });
    await opened.write([
      scalar("a", 1),
      {
        kind: "artifact",
        name: "m",
        type: "t",
        path: "m",
        source: { file: join(root, "none") },
        wallTime: WALL,
      },
      { kind: "histogram", tag: "h", values: new Float64Array(), bins: "tensorflow", wallTime: WALL },
      { kind: "graph", graph: { onnx: Uint8Array.of(1, 2, 3) }, wallTime: WALL },
      scalar("b", 2),
    ]);
    expect(context.drop.mock.calls).toEqual([
      [1, expect.stringContaining("none")],
      [1, expect.any(String)],
      [1, "The bytes are no ONNX model."],
    ]);
    await opened.close(FINISHED, 5_000);
    expect([...valuesIn("run").keys()]).toEqual(["a", "b"]);
  });

  it("a full disk drops exactly what is not in the file, and tells so", () => {
    // A limit on the size of files (8 blocks) stands for the full disk.
    const module = new URL("../../../../dist/backends/tensorboard/backend.js", import.meta.url);
    const script = `
      import { backend } from ${JSON.stringify(module.href)};
      let told = 0;
      const context = { warn() {}, location() {}, address() {}, drop: (count) => { told += count; } };
      const run = await backend.create({ logDir: "run" }, context);
      run.open({ id: "x", project: "p", tags: [], params: {}, dir: ${JSON.stringify(root)}, startTime: 1 });
      for (let i = 1; i <= 30; i++) {
        run.write(Array.from({ length: 10 }, (_, k) => ({ kind: "scalar", tag: "a", value: i, step: 10 * i + k, wallTime: 1 })));
      }
      run.close({ status: "finished", exitCode: 0 });
      console.log(told);`;
    const child = spawnSync(
      "sh",
      ["-c", 'trap "" XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"', process.execPath, script],
      { encoding: "utf8" },
    );
    const dropped = Number(child.stdout);
    expect(dropped).toBeGreaterThan(0);
    expect(valuesIn("run").get("a")).toHaveLength(300 - dropped);
  });

  it("a folder that is removed is made anew", async () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const opened = await open({ logDir: "run" });
    rmSync(join(root, "run"), { recursive: true });
    now += 2000;
    opened.write([scalar("a", 1)]);
    opened.write([{ kind: "console", stream: "stdout", text: "x", wallTime: WALL }]);
    opened.close(FINISHED, 5_000);
    expect([...valuesIn("run").keys()]).toEqual(["a"]);
    expect(context.warn).toHaveBeenCalledTimes(1);
  });
});
