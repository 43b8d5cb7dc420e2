import { describe, expect, it } from "vitest";
import type { ValueMessage } from "#backends/tensorboard/messages.js";
import { decodeMessage, encodeMessage } from "#backends/tensorboard/schema.js";
import { audioValue } from "#backends/tensorboard/summaries/audio.js";
import { graphEvents } from "#backends/tensorboard/summaries/graph.js";
import { histogramValue } from "#backends/tensorboard/summaries/histogram.js";
import {
  experimentValue,
  sessionEndValue,
  sessionStartValue,
} from "#backends/tensorboard/summaries/hparams.js";
import { imageFileValue, imageValue, videoValue } from "#backends/tensorboard/summaries/image.js";
import { layoutValue } from "#backends/tensorboard/summaries/layout.js";
import { meshValues } from "#backends/tensorboard/summaries/mesh.js";
import { prCurveRawValue } from "#backends/tensorboard/summaries/pr-curve.js";
import { tensorMessage, tensorValue } from "#backends/tensorboard/summaries/tensor.js";
import { textValue } from "#backends/tensorboard/summaries/text.js";

const at = { wallTime: 1, step: 2 };
const utf8 = new TextEncoder();
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes!).toString("hex");
const summary = (...value: ValueMessage[]) => hex(encodeMessage("Summary", { value }));

// The hexadecimal bytes are the reference's: what torch writes for the same call.
describe("summaries", () => {
  it("text", () => {
    expect(summary(textValue("t", ""))).toBe(
      "0a260a0e742f746578745f73756d6d617279420a080712041202080142004a080a060a0474657874",
    );
  });

  it("tensor", () => {
    const tensor = { shape: [], data: Float32Array.of(3) };
    expect(summary(tensorValue({ kind: "tensor", tag: "t", tensor, ...at }))).toBe(
      "0a1b0a0174420a080112002a04000040404a0a0a080a0674656e736f72",
    );
  });

  it("tensors of every type", () => {
    const shape = [2];
    expect(tensorMessage({ shape, data: Uint8Array.of(1, 0), bool: true })).toMatchObject({
      dtype: 10,
      boolVal: [true, false],
    });
    // DataType numbers and fields of TensorProto
    for (const [data, dtype, field] of [
      [Float64Array.of(1, 2), 2, "doubleVal"],
      [Int32Array.of(1, 2), 3, "intVal"],
      [Uint8Array.of(1, 2), 4, "intVal"],
      [Uint8ClampedArray.of(1, 2), 4, "intVal"],
      [Int16Array.of(1, 2), 5, "intVal"],
      [Int8Array.of(1, 2), 6, "intVal"],
      [Uint16Array.of(1, 2), 17, "intVal"],
    ] as const) {
      const message = tensorMessage({ shape, data });
      expect(message.dtype).toBe(dtype);
      expect(Array.from(message[field]!)).toEqual([1, 2]);
    }
    const big = encodeMessage("Tensor", tensorMessage({ shape, data: BigInt64Array.of(-1n, 2n ** 62n) }));
    // dtype 9, shape [2], int64_val (10, packed): -1 and 2^62 as varints
    expect(hex(big)).toBe("08091204120208025213ffffffffffffffffff01808080808080808040");
    expect(tensorMessage({ shape: [1], data: Uint32Array.of(0x01020304) })).toMatchObject({
      dtype: 22,
      tensorContent: Uint8Array.of(4, 3, 2, 1),
    });
  });

  it("layout", () => {
    expect(summary(layoutValue({ kind: "layout", layout: { C: { m: ["Multiline", ["a"]] } }, ...at }))).toBe(
      "0a450a18637573746f6d5f7363616c6172735f5f636f6e6669675f5f421508071200420f120d0a014312080a016d12030a0161" +
        "4a120a100a0e637573746f6d5f7363616c617273",
    );
    const margin = layoutValue({ kind: "layout", layout: { C: { m: ["Margin", ["v", "l", "u"]] } }, ...at });
    expect(decodeMessage("Layout", margin.tensor!.stringVal![0]!)).toEqual({
      category: [
        { title: "C", chart: [{ title: "m", margin: { series: [{ value: "v", lower: "l", upper: "u" }] } }] },
      ],
    });
  });

  it("hparams", () => {
    const event = { kind: "hparams", hparams: { a: 1, b: "x", c: null }, metrics: { m: 1 }, ...at } as const;
    expect(summary(experimentValue(event))).toBe(
      "0a3c0a145f68706172616d735f2f6578706572696d656e744a240a220a0768706172616d731217121522050a01612003" +
        "22050a016220012a050a0312016d",
    );
    const content = ({ metadata }: ValueMessage) =>
      decodeMessage("HparamsData", metadata!.pluginData!.content!);
    expect(content(experimentValue({ ...event, domainDiscrete: { a: [1, 2], b: ["x"] } }))).toMatchObject({
      experiment: {
        hparamInfos: [
          { name: "a", domainDiscrete: { values: [{ numberValue: 1 }, { numberValue: 2 }] } },
          { name: "b", domainDiscrete: { values: [{ stringValue: "x" }] } },
        ],
      },
    });
    // torch: truth values are numbers, null is left out
    expect(content(sessionStartValue({ a: true, b: "x", c: null }))).toEqual({
      sessionStartInfo: { hparams: { a: { numberValue: 1 }, b: { stringValue: "x" } } },
    });
    expect(content(sessionEndValue("finished"))).toEqual({ sessionEndInfo: { status: 1 } });
    expect(content(sessionEndValue("killed"))).toEqual({ sessionEndInfo: { status: 2 } });
  });

  it("mesh", () => {
    const vertices = { shape: [1, 1, 3], data: Int16Array.of(1, 2, 3) };
    const values = meshValues({
      kind: "mesh",
      tag: "m",
      vertices,
      colors: { shape: [1, 1, 3], data: Uint8Array.of(0, 128, 255) },
      config: { lights: [], camera: { fov: 75, cls: "PerspectiveCamera" } },
      ...at,
    });
    expect(
      values.map(({ tag, tensor }) => [tag, tensor?.dtype, [...(tensor!.floatVal! as Float32Array)]]),
    ).toEqual([
      ["m_VERTEX", 1, [1, 2, 3]],
      ["m_COLOR", 1, [0, 128, 255]],
    ]);
    expect(decodeMessage("MeshData", values[1]!.metadata!.pluginData!.content!)).toEqual({
      name: "m",
      contentType: 3,
      jsonConfig: '{"camera": {"cls": "PerspectiveCamera", "fov": 75}, "lights": []}',
      shape: [1, 1, 3],
      components: 2 + 8,
    });
    const [alone] = meshValues({ kind: "mesh", tag: "m", vertices, ...at });
    expect(decodeMessage("MeshData", alone!.metadata!.pluginData!.content!)).toMatchObject({
      jsonConfig: "{}",
      components: 2,
    });
  });

  it("histogram", () => {
    // reference: [1.0] -> limits [0.917246389039776, 1.0089710279437536], buckets [0, 1]
    const { histo } = histogramValue({
      kind: "histogram",
      tag: "h",
      values: Float64Array.of(1),
      bins: "tensorflow",
      ...at,
    });
    expect(histo).toMatchObject({ min: 1, max: 1, num: 1, sum: 1, sumSquares: 1 });
    expect(Array.from(histo!.bucketLimit!)).toEqual([0.917246389039776, 1.0089710279437536]);
    expect(Array.from(histo!.bucket!)).toEqual([0, 1]);
  });

  it("PR curve of the caller", () => {
    const value = prCurveRawValue({
      kind: "prCurveRaw",
      tag: "p",
      truePositives: [5, 3],
      falsePositives: [1, 0],
      trueNegatives: [0, 1],
      falseNegatives: [0, 2],
      precision: [0.5, 1],
      recall: [1, 0.25],
      numThresholds: 200,
      ...at,
    });
    expect(value.tensor?.tensorShape).toEqual({ dim: [{ size: 6 }, { size: 2 }] });
    expect(Array.from(value.tensor!.floatVal!)).toEqual([5, 3, 1, 0, 0, 1, 0, 2, 0.5, 1, 1, 0.25]);
    expect(value.metadata?.pluginData).toEqual({
      pluginName: "pr_curves",
      content: Uint8Array.of(0x10, 127),
    });
  });

  it("image, its size before rescale, and a caption that both readers keep", () => {
    const tensor = { shape: [3, 4, 6], data: new Float32Array(72) };
    const image = { tensor, layout: "CHW" };
    const event = { kind: "image", tag: "i", image, rescale: 0.5, caption: "c", ...at } as const;
    const value = imageValue(event, image);
    expect(value.image).toMatchObject({ width: 6, height: 4, colorspace: 3 });
    const png = Buffer.from(value.image!.encodedImageString!);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2]);
    expect(value.metadata).toMatchObject({ displayName: "i", summaryDescription: "c", dataClass: 3 });
    const { caption: _, ...plain } = event;
    expect(imageValue(plain, image).metadata).toBeUndefined();
  });

  it("picture files as they are, when TensorBoard shows them", () => {
    const gif = Buffer.from("47494638396102000100800000", "hex");
    expect(imageFileValue("f", { format: "gif", bytes: gif })?.image).toEqual({
      width: 2,
      height: 1,
      colorspace: 3,
      encodedImageString: gif,
    });
    expect(imageFileValue("f", { format: "mp4", bytes: Buffer.from("....ftypmp42") })).toBeUndefined();
  });

  it("video", () => {
    const video = { tensor: { shape: [1, 2, 1, 4, 5], data: new Uint8Array(40) }, layout: "NTCHW" };
    const { image } = videoValue({ kind: "video", tag: "v", video, fps: 4, ...at }, video);
    expect(image).toMatchObject({ width: 5, height: 4, colorspace: 1 });
    expect(Buffer.from(image!.encodedImageString!).subarray(0, 6).toString()).toBe("GIF89a");
  });

  it("audio", () => {
    const audio = { shape: [1, 3], data: Float32Array.of(0, 0.5, -1) };
    const value = audioValue({ kind: "audio", tag: "a", audio, sampleRate: 8000, ...at });
    const { encodedAudioString, ...header } = value.audio!;
    expect(header).toEqual({ sampleRate: 8000, numChannels: 1, lengthFrames: 3, contentType: "audio/wav" });
    // torch: trunc(v * 32767)
    expect([...new Int16Array(encodedAudioString!.slice(44).buffer)]).toEqual([0, 16383, -32767]);
    const again = audioValue({
      kind: "audio",
      tag: "a",
      audio: { format: "wav", bytes: encodedAudioString! },
      sampleRate: 1,
      ...at,
    });
    expect(again).toEqual(value);
    const mp3 = audioValue({
      kind: "audio",
      tag: "a",
      audio: { format: "mp3", bytes: Uint8Array.of(0xff, 0xfb) },
      sampleRate: 44100,
      ...at,
    });
    expect(mp3.audio).toMatchObject({ contentType: "audio/mpeg" });
  });

  it("graph", () => {
    const [graph, run] = graphEvents({
      kind: "graph",
      wallTime: 1,
      graph: {
        nodes: [
          { name: "x", op: "IO Node", outputShapes: [[-1, 3]] },
          {
            name: "net/l",
            op: "linear",
            inputs: ["x"],
            device: "/cpu",
            attributes: { s: "v", i: 3, f: 0.5, b: true },
          },
        ],
      },
    });
    expect(decodeMessage("GraphDef", graph!.graphDef!)).toEqual({
      node: [
        {
          name: "x",
          op: "IO Node",
          attr: { _output_shapes: { list: { shape: [{ dim: [{ size: -1 }, { size: 3 }] }] } } },
        },
        {
          name: "net/l",
          op: "linear",
          input: ["x"],
          device: "/cpu",
          attr: { s: { s: utf8.encode("v") }, i: { i: 3 }, f: { f: 0.5 }, b: { b: true } },
        },
      ],
      versions: { producer: 22 },
    });
    expect(graph!.step).toBeUndefined();
    // RunMetadata{step_stats{dev_stats{device "/device:CPU:0"}}}
    expect(run!.taggedRunMetadata?.tag).toBe("step1");
    const device = utf8.encode("/device:CPU:0");
    expect(hex(run!.taggedRunMetadata?.runMetadata)).toBe(`0a110a0f0a0d${hex(device)}`);
  });

  it("ONNX graph", () => {
    const onnx = encodeMessage("OnnxModel", {
      graph: {
        input: [{ name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }, {}] } } } }],
        output: [{ name: "y", type: { tensorType: { elemType: 7 } } }],
        node: [
          {
            input: ["x"],
            output: ["y"],
            opType: "Conv",
            attribute: [
              { name: "k", ints: [3, 3], type: 7 },
              { name: "a", f: 0.5, type: 1 },
              { name: "p", s: Buffer.from("SAME"), type: 3 },
            ],
          },
        ],
      },
    });
    const events = graphEvents({ kind: "graph", wallTime: 1, graph: { onnx } });
    expect(events).toHaveLength(1);
    const { node } = decodeMessage("GraphDef", events[0]!.graphDef!) as { node: object[] };
    expect(node).toEqual([
      {
        name: "x",
        op: "Variable",
        attr: { dtype: { type: 1 }, shape: { shape: { dim: [{ size: 2 }, {}] } } },
      },
      { name: "y", op: "Variable", attr: { dtype: { type: 7 }, shape: { shape: {} } } },
      {
        name: "y",
        op: "Conv",
        input: ["x"],
        attr: {
          parameters: { s: utf8.encode("k = [3, 3] = 7, a = 0.5 = 1, p = b'SAME' = 3") },
        },
      },
    ]);
    expect(() =>
      graphEvents({ kind: "graph", wallTime: 1, graph: { onnx: Buffer.from("no onnx") } }),
    ).toThrow(expect.objectContaining({ code: "invalid-value" }));
    expect(() => graphEvents({ kind: "graph", wallTime: 1, graph: { onnx: new Uint8Array() } })).toThrow(
      /no graph/,
    );
  });
});
