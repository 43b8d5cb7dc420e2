import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Audio } from "#backends/wandb/media/audio.js";
import { captureRow } from "#backends/wandb/media/capture.js";
import { Histogram } from "#backends/wandb/media/histogram.js";
import { Html } from "#backends/wandb/media/html.js";
import { Image, type ImageOptions } from "#backends/wandb/media/image.js";
import { Molecule } from "#backends/wandb/media/molecule.js";
import { Object3D } from "#backends/wandb/media/object3d.js";
import { Plotly } from "#backends/wandb/media/plotly.js";
import { Video } from "#backends/wandb/media/video.js";
import { officialLog, valuesOf } from "../fixtures/official-log.js";
import { input, mediaRun, officialFiles } from "./media-run.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "wandb-media-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const tiny = (options: ImageOptions = {}): Image => new Image(input("tiny.png"), options);

describe("media as the official client logs them (media.py)", () => {
  it("names, hashes and describes every kind alike", () => {
    const run = mediaRun(root, "mediaid");
    const { log } = run;
    const page = join(root, "page.html");
    writeFileSync(page, "<html><body>hi</body></html>");
    log({ img: tiny(), "group/cap": tiny({ caption: "hello" }), nest: { inner: tiny({ grouping: 2 }) } });
    log({ list: [tiny({ caption: "a" }), tiny()], nocap: [tiny(), tiny({ caption: "b" })] });
    const boxes = {
      boxData: [
        {
          position: { minX: 0.1, maxX: 0.5, minY: 0.2, maxY: 0.75 },
          classId: 1,
          scores: { acc: 0.5 },
          boxCaption: "cat",
          domain: "pixel" as const,
        },
        { position: { middle: [1, 2] as const, width: 3, height: 4 }, classId: 0 },
      ],
      classLabels: { 0: "dog", 1: "cat" },
    };
    const nolabels = { boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 7 }] };
    const mask = { path: input("mask.png"), classLabels: { 0: "bg", 2: "fg" } };
    log({ boxed: tiny({ boxes: { pred: boxes, truth: nolabels } }) });
    log({
      masked: tiny({ masks: { m: mask } }),
      both: [tiny({ boxes: { pred: nolabels }, masks: { m: mask } }), tiny()],
    });
    log({
      snd: new Audio(input("beep.wav"), { caption: "c" }),
      snds: [new Audio(input("beep.wav")), new Audio(input("beep.wav"), { sampleRate: 8000, caption: "x" })],
    });
    log({
      vid: new Video(input("clip.gif"), { caption: "v" }),
      vids: [new Video(input("clip.gif")), new Video(input("clip.gif"))],
    });
    log({
      h1: new Html("<p>x</p>"),
      h2: new Html("<html><body>b</body></html>"),
      h3: new Html("<html><head><title>t</title></head></html>"),
      h4: new Html("<i>raw</i>", { inject: false }),
      h5: new Html(page),
      hs: [new Html("<p>x</p>"), new Html("<p>y</p>")],
    });
    log({
      pts: new Object3D([
        [0, 1, 2.5],
        [3, 4, 5],
      ]),
      obj: new Object3D(input("cube.obj"), { caption: "cube" }),
      scene: new Object3D({
        type: "lidar/beta",
        points: [[0, 1, 2]],
        boxes: [{ corners: [[0, 0, 0]], label: "b" }],
      }),
      clouds: [new Object3D([[0, 1, 2, 3]]), new Object3D(input("cube.obj"))],
    });
    log({ mol: new Molecule(input("mol.pdb"), { caption: "m" }), mols: [new Molecule(input("mol.pdb"))] });
    log({
      plot: new Plotly({
        data: [{ x: [1, 2], y: [3.5, null], type: "scatter" }],
        layout: { title: { text: "é" } },
      }),
    });
    log({
      hist: new Histogram({
        npHistogram: [
          [1, 2],
          [0, 0.5, 1],
        ],
      }),
      arr: Float64Array.from({ length: 40 }, (_, i) => i),
    });
    log({ mixed: [tiny(), new Audio(input("beep.wav"))] });
    const same = tiny();
    log({ same });
    log({ same, again: same });
    log({ late: tiny() }, 20);
    log({ late: tiny() }, 30);
    log({ "../up/./x": tiny(), "/abs": tiny(), "dots..": tiny() });
    const summary = run.writer.toRow(
      captureRow({ best: tiny({ caption: "s" }), deep: { img: tiny() } }).data,
      "summary",
    );

    const official = officialLog("media");
    const expected = official.flatMap(({ history }) => (history ? [valuesOf(history.item)] : []));
    expect(run.rows.map((items) => valuesOf(items))).toEqual(expected);
    expect(run.files).toEqual(officialFiles(official));
    const set = official
      .flatMap((record) => record.summary?.update ?? [])
      .filter(({ key }) => key === "best" || key === "deep");
    expect(summary).toEqual(valuesOf(set));
    // The official client writes all of `_wandb` each time, this one the entry.
    const configs = official.flatMap(({ config }) => config?.update ?? []);
    const labels = JSON.parse(configs.at(-1)!.valueJson!);
    const ours: { [type: string]: { [entry: string]: unknown } } = {};
    for (const { path, value } of run.config) {
      ours[path[0]!] = { ...ours[path[0]!], [path[1]!]: value };
    }
    for (const type of ["bounding_box/class_labels", "mask/class_labels"]) {
      for (const [entry, value] of Object.entries(labels[type] ?? {}))
        expect(ours[type]![entry]).toEqual(value);
    }
    expect(Object.keys(ours["bounding_box/class_labels"]!)).toHaveLength(3);
  });
});

describe("Image", () => {
  const decode = (image: Image) => {
    const run = mediaRun(root, "r");
    run.log({ image });
    return PNG.sync.read(readFileSync(join(run.filesDir, run.files[0]!)));
  };

  it("takes flat, shaped and nested pixels of one, three and four values", () => {
    const gray = decode(
      new Image([
        [0, 128],
        [255, 7],
      ]),
    );
    expect([...gray.data].filter((_, i) => i % 4 === 0)).toEqual([0, 128, 255, 7]);
    rmSync(root, { recursive: true });
    root = mkdtempSync(join(tmpdir(), "wandb-media-"));
    const rgb = decode(new Image(new Uint8Array([1, 2, 3, 4, 5, 6]), { width: 2, height: 1 }));
    expect([...rgb.data]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
    rmSync(root, { recursive: true });
    root = mkdtempSync(join(tmpdir(), "wandb-media-"));
    const rgba = decode(new Image({ shape: [1, 1, 4], data: new Float32Array([1.9, -1, 255.2, 100]) }));
    // numpy: array([1.9, -1, 255.2, 100], dtype=float32).astype(uint8)
    expect([...rgba.data]).toEqual([1, 255, 255, 100]);
  });

  it("keeps pixels as they were when it was made", () => {
    const pixels = new Uint8Array([9, 9, 9]);
    const image = new Image(pixels, { width: 1, height: 1 });
    pixels.fill(0);
    expect([...decode(image).data]).toEqual([9, 9, 9, 255]);
  });

  it("takes a file's bytes and another image", () => {
    const bytes = readFileSync(input("tiny.png"));
    const image = new Image(new Image(bytes, { caption: "c" }), { grouping: 1 });
    expect(image.spec).toMatchObject({
      caption: "c",
      members: { format: "png", width: 4, height: 3, grouping: 1 },
    });
  });

  it("makes masks of numbers, with names for the classes that occur", () => {
    const { masks } = new Image(new Uint8Array(4), {
      width: 2,
      height: 2,
      masks: { m: { maskData: new Uint8Array([0, 3, 3, 0]) } },
    }).spec;
    expect(masks!["m"]).toMatchObject({
      extension: ".mask.png",
      classLabels: { 0: "class_0", 3: "class_3" },
    });
  });

  it.each<[() => unknown, RegExp]>([
    [() => new Image("missing.png"), /missing\.png" cannot be read/],
    [() => new Image(input("mol.pdb")), /is no PNG, JPEG/],
    [() => new Image("https://x/y.png"), /is an address/],
    [() => new Image(new Uint8Array(9)), /give width and height/],
    [() => new Image(new Float32Array(9)), /need width and height/],
    [() => new Image(new Float32Array(9), { width: 2, height: 2 }), /1, 3 or 4 values/],
    [() => new Image(new Float32Array(9), { width: 2, height: 2, channels: 3 }), /are 12, got 9/],
    [
      () => tiny({ boxes: { b: { boxData: [{ position: { minX: 0 } as never }] } } }),
      /boxes "b", box 0: position is/,
    ],
    [
      () =>
        tiny({
          boxes: { b: { boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 1.5 }] } },
        }),
      /integer, got 1\.5/,
    ],
    [
      () =>
        tiny({
          boxes: {
            b: { boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, class_id: 1 } as never] },
          },
        }),
      /"class_id" is unknown/,
    ],
    [() => tiny({ masks: { m: { maskData: [[0, 256]] } } }), /integers from 0 to 255, got 256/],
    [() => tiny({ masks: { m: { maskData: [1, 2, 3] } } }), /two dimensions/],
  ])("refuses with the rule %#", (make, message) => {
    expect(make).toThrow(message);
  });
});

describe("Audio", () => {
  const samples = (data: ConstructorParameters<typeof Audio>[0]): number[] => {
    const run = mediaRun(root, "r");
    run.log({ sound: new Audio(data, { sampleRate: 8000 }) });
    const wav = readFileSync(join(run.filesDir, run.files[0]!));
    // The header of soundfile.write for one channel of 16-bit samples.
    expect(wav.subarray(20, 40).toString("hex")).toBe("01000100401f0000803e00000200100064617461");
    return Array.from({ length: (wav.length - 44) / 2 }, (_, i) => wav.readInt16LE(44 + i * 2));
  };

  it("quantises as soundfile does for the official client", () => {
    const fractions = [0.5, -0.5, 1, -1, 0.1, 1 / 3, -1 / 3, 2, -2, 0.25, 1e-5, -1e-5, 0.99999, Number.NaN];
    // soundfile.write(path, numpy.array(fractions), 8000), but for NaN, which it makes the loudest negative sample.
    const expected = [
      16384, -16384, 32767, -32768, 3276, 10922, -10923, 32767, -32768, 8192, 0, -1, 32767, 0,
    ];
    expect(samples(fractions)).toEqual(expected);
  });

  it("keeps 16-bit samples and cuts 32-bit ones", () => {
    expect(samples(new Int16Array([1, -2, 300]))).toEqual([1, -2, 300]);
    rmSync(root, { recursive: true });
    root = mkdtempSync(join(tmpdir(), "wandb-media-"));
    expect(samples(new Int32Array([1 << 16, -(1 << 20) + 5, 300]))).toEqual([1, -16, 0]);
  });
});

describe("other media", () => {
  it("encodes samples and frames", () => {
    const run = mediaRun(root, "r");
    run.log({ sound: new Audio([0, 0.5, -0.5, 1], { sampleRate: 8000 }) });
    run.log({ video: new Video({ shape: [2, 3, 4, 4], data: new Uint8Array(96) }, { fps: 2 }) });
    const [wav, gif] = run.files.map((path) => readFileSync(join(run.filesDir, path)));
    expect(wav!.subarray(0, 4).toString()).toBe("RIFF");
    expect(wav).toHaveLength(44 + 8);
    expect(gif!.subarray(0, 6).toString()).toBe("GIF89a");
    expect(valuesOf(run.rows[1]!)).toMatchObject({ "video > width": 4, "video > height": 4 });
    const list = captureRow({ sounds: [new Audio([0, 1], { sampleRate: 4 })] }).data;
    expect(run.writer.toRow(list, 0)).toMatchObject({ sounds: { durations: [0.5], sampleRates: [4] } });
  });

  it("keeps 108 images of a list and says so", () => {
    const run = mediaRun(root, "r");
    run.log({ many: Array.from({ length: 120 }, () => new Image([[1]])) });
    expect(valuesOf(run.rows[0]!)).toMatchObject({ "many > count": 108 });
    expect(run.warnings).toEqual([expect.stringMatching(/120 images.*first 108/)]);
  });

  it("finds an object of a list again under the list's file, and writes it anew in a list", () => {
    const run = mediaRun(root, "r");
    const page = new Html("x");
    run.log({ pages: [page, page], page });
    run.log({ later: page, again: [page] });
    const of = (row: number) => valuesOf(run.rows[row]!) as { [path: string]: unknown };
    expect(of(0)["page > path"]).toMatch(/^media\/html\/pages_0_/);
    expect(of(1)["later > path"]).toBe(of(0)["page > path"]);
    expect(run.files.at(-1)).toMatch(/^media\/html\/again_1_/);
  });

  it("copies the script's files, so that they may change", () => {
    const path = join(root, "page.mp4");
    writeFileSync(path, "abc");
    const run = mediaRun(root, "r");
    run.log({ v: new Video(path) });
    writeFileSync(path, "changed");
    expect(readFileSync(join(run.filesDir, run.files[0]!), "utf8")).toBe("abc");
  });

  it.each<[() => unknown, RegExp]>([
    [() => new Audio([0]), /need \{ sampleRate \}/],
    [() => new Audio("missing.wav"), /is not a file/],
    [() => new Video("x.avi"), /ends in none of gif, mp4/],
    [() => new Video(new Uint8Array(3)), /shape \[time, channels, height, width\], got \[3\]/],
    [
      () => new Video({ shape: [1, 1, 1, 1], data: new Uint8Array(1) }, { format: "mp4" }),
      /only be encoded as gif/,
    ],
    [() => new Object3D([[1, 2]]), /\[count, 3\], \[count, 4\] or \[count, 6\], got \[1,2\]/],
    [() => new Object3D("x.ply"), /ends in none of obj/],
    [() => new Object3D({ type: "other" as "lidar/beta" }), /lidar\/beta/],
    [() => new Molecule("x.xyz"), /one of pdb/],
    [() => new Plotly({} as never), /a figure is an object with data/],
  ])("refuses with the rule %#", (make, message) => {
    expect(make).toThrow(message);
  });
});
