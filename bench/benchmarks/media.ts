import { setTimeout as sleep } from "node:timers/promises";
import * as tracelet from "tracelet";
import type { Benchmark, Finding } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import { type Figures, median } from "../statistics.js";

type Input = MeasureInput<{ readonly calls: number }>;

const SIZE = 512;
const PIXELS = SIZE * SIZE * 3;
const VALUES = 1_000_000;
/** A training loop that looks at its weights this often is a busy one. */
const PACE_MS = 100;

const values = (call: number) => Float32Array.from({ length: VALUES }, (_, i) => Math.sin(i * 0.37 + call));
const bytes = (call: number) => Uint8Array.from({ length: PIXELS }, (_, i) => (i * 7 + call * 31) & 255);
const floats = (call: number) =>
  Float32Array.from({ length: PIXELS }, (_, i) => ((i * 7 + call * 31) & 255) / 255);

/** Median seconds of a call: with a pause before each, then back to back. */
export async function calls({ calls, dir }: Input): Promise<Figures> {
  const experiment = tracelet.startLogging("tensorboard", { dir });
  await experiment.ready;
  const writer = new tracelet.SummaryWriter();
  const shape = [SIZE, SIZE, 3];
  const image = (data: Uint8Array | Float32Array, step: number) =>
    writer.addImage("image", { shape, data }, step, { dataformats: "HWC" });

  const measure = async <T>(make: (call: number) => T, log: (data: T, step: number) => void) => {
    const inputs = [0, 1, 2, 3].map(make);
    const times = { paced: new Float64Array(calls), packed: new Float64Array(calls) };
    for (const [pace, into] of Object.entries(times)) {
      for (let step = 0; step < calls; step++) {
        if (pace === "paced") await sleep(PACE_MS);
        const input = inputs[step % inputs.length]!;
        const started = performance.now();
        log(input, step);
        into[step] = (performance.now() - started) / 1000;
      }
      await experiment.flush();
    }
    return { paced: median(times.paced), packed: median(times.packed) };
  };
  const histogram = await measure(values, (data, step) => writer.addHistogram("histogram", data, step));
  const imageBytes = await measure(bytes, image);
  const imageFloats = await measure(floats, image);
  await tracelet.stopLogging();
  return {
    histogram: histogram.paced,
    histogramPacked: histogram.packed,
    imageBytes: imageBytes.paced,
    imageBytesPacked: imageBytes.packed,
    imageFloats: imageFloats.paced,
    imageFloatsPacked: imageFloats.packed,
  };
}

export const benchmark: Benchmark = {
  name: "media",
  title: "Histograms and images on the caller's thread",
  section: "core",
  async run(lab) {
    const ours = await lab.measure("calls", { calls: lab.quick ? 10 : 40 }, 3);
    const peers = await lab.peer("media.py", { calls: lab.quick ? 3 : 20 }, 1);
    const finding = (what: string, figure: string, atMost: number): Finding[] => [
      {
        what: `${what}, one every ${PACE_MS} ms`,
        unit: "seconds",
        measured: ours[figure]!,
        target: { atMost },
        peers: [
          { name: "PyTorch", value: peers?.[`torch_${figure}`] },
          { name: "tensorboardX", value: peers?.[`tensorboardX_${figure}`] },
        ],
      },
      { what: `${what}, back to back`, unit: "seconds", measured: ours[`${figure}Packed`]! },
    ];
    return [
      ...finding("histogram of 1,000,000 float32", "histogram", 1.5e-3),
      ...finding("image 512x512 RGB, uint8", "imageBytes", 1e-3),
      ...finding("image 512x512 RGB, float32", "imageFloats", 1e-3),
    ];
  },
};
