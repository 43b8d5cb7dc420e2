import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import * as tracelet from "tracelet";
import { EventFileReader } from "tracelet/tensorboard-writer";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import type { Figures } from "../statistics.js";

type Input = MeasureInput<{ readonly calls: number; readonly durable: boolean }>;

const PIECE = 1 << 20;

/**
 * Scalars from the first call to the closed file, and the same bytes through `writeSync` in the same process. With
 * `durable`, both wait until the disk has them.
 */
export async function sustained({ calls, durable, dir }: Input): Promise<Figures> {
  const experiment = tracelet.startLogging("tensorboard", {
    dir,
    system: false,
    git: false,
    environment: false,
  });
  await experiment.ready;
  const folder = experiment.url()!;
  const writer = new tracelet.SummaryWriter();
  const started = performance.now();
  for (let step = 0; step < calls; step++) writer.addScalar("train/loss", 1 / (step + 1), step);
  if (durable) await experiment.flush();
  await tracelet.stopLogging();
  const seconds = (performance.now() - started) / 1000;

  const path = eventFile(folder);
  countScalars(path, calls);
  settle(path);
  const content = readFileSync(path);
  const bytes = content.length;
  const same = rawWrite(join(dir, "same"), bytes, durable, (at) => content.subarray(at, at + PIECE));
  const piece = Buffer.alloc(PIECE, 7);
  const warm = rawWrite(join(dir, "warm"), bytes, durable, (at) => piece.subarray(0, bytes - at));
  return { rate: calls / seconds, bytes: bytes / seconds, same, warm, share: (bytes / seconds / same) * 100 };
}

function eventFile(folder: string): string {
  return join(folder, readdirSync(folder).find((name) => name.includes("tfevents"))!);
}

/** Throws unless exactly the scalars logged are in the file, in their order. */
function countScalars(path: string, calls: number): void {
  const reader = new EventFileReader(path);
  let next = 0;
  for (const event of reader) {
    if (event.summary?.value?.[0]?.tag !== "train/loss") continue;
    if (Number(event.step ?? 0) !== next) throw new Error(`step ${event.step} stands where ${next} should`);
    next++;
  }
  if (next !== calls) throw new Error(`${next} of ${calls} scalars are in ${path}`);
}

/** Waits until the disk has the file, so that the system is not still busy with it. */
function settle(path: string): void {
  const file = openSync(path, "r+");
  fdatasyncSync(file);
  closeSync(file);
}

/** Bytes a second into a new file. */
function rawWrite(path: string, bytes: number, durable: boolean, piece: (at: number) => Uint8Array): number {
  const file = openSync(path, "w");
  const started = performance.now();
  for (let at = 0; at < bytes; at += PIECE) writeSync(file, piece(at));
  if (durable) fdatasyncSync(file);
  const seconds = (performance.now() - started) / 1000;
  closeSync(file);
  settle(path);
  return bytes / seconds;
}

export const benchmark: Benchmark = {
  name: "disk",
  title: "Sustained to event files: from the first call to the closed file, everything read back and counted",
  section: "core",
  async run(lab) {
    const calls = lab.quick ? 500_000 : 5_000_000;
    const ours = await lab.measure("sustained", { calls, durable: false }, 5);
    const durable = await lab.measure("sustained", { calls, durable: true }, 3);
    const peers = await lab.peer("sustained.py", { calls: lab.quick ? 5_000 : 50_000 }, 3);
    return [
      {
        what: `scalars a second (${calls.toLocaleString("en")} of them)`,
        unit: "per second",
        measured: ours["rate"]!,
        target: { atLeast: 2_000_000 },
        peers: [
          { name: "PyTorch", value: peers?.["torch"] },
          { name: "tensorboardX", value: peers?.["tensorboardX"] },
        ],
      },
      {
        what: "bytes a second",
        unit: "bytes per second",
        measured: ours["bytes"]!,
        peers: [
          { name: "`writeSync` of the same bytes", value: ours["same"] },
          { name: "`writeSync` of one buffer again and again", value: ours["warm"] },
        ],
      },
      {
        what: "bytes a second, waiting for the disk (`flush`)",
        unit: "bytes per second",
        measured: durable["bytes"]!,
        peers: [{ name: "`writeSync` of the same bytes, then `fdatasync`", value: durable["same"] }],
      },
      {
        what: "share of what `writeSync` of the same bytes reaches",
        unit: "percent",
        measured: ours["share"]!,
        target: { atLeast: 50 },
      },
      {
        what: "the same, both waiting for the disk",
        unit: "percent",
        measured: durable["share"]!,
      },
    ];
  },
};
