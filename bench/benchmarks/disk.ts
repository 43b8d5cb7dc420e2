import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import * as tracelet from "tracelet";
import { EventFileReader } from "tracelet/tensorboard-writer";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import type { Figures } from "../statistics.js";

type Input = MeasureInput<{ readonly calls: number }>;

const PIECE = 1 << 20;

/** Scalars from the first call to the closed file, and the same bytes through `writeSync` in the same process. */
export async function sustained({ calls, dir }: Input): Promise<Figures> {
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
  await tracelet.stopLogging();
  const seconds = (performance.now() - started) / 1000;

  const path = eventFile(folder);
  countScalars(path, calls);
  const bytes = statSync(path).size;
  const content = readFileSync(path);
  const target = join(dir, "raw");
  const warm = Buffer.alloc(PIECE, 7);
  const copied = rawWrite(`${target}-1`, bytes, (at) => content.subarray(at, at + PIECE));
  const repeated = rawWrite(`${target}-2`, bytes, (at) => warm.subarray(0, Math.min(PIECE, bytes - at)));
  return {
    rate: calls / seconds,
    bytesRate: bytes / seconds,
    rawFresh: bytes / copied.written,
    rawFreshSynced: bytes / copied.synced,
    rawWarm: bytes / repeated.written,
    share: (bytes / seconds / (bytes / copied.written)) * 100,
  };
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

/** Seconds until the bytes are written, and until they are on the disk. */
function rawWrite(path: string, bytes: number, piece: (at: number) => Uint8Array) {
  const file = openSync(path, "w");
  const started = performance.now();
  for (let at = 0; at < bytes; at += PIECE) writeSync(file, piece(at));
  const written = (performance.now() - started) / 1000;
  fdatasyncSync(file);
  const synced = (performance.now() - started) / 1000;
  closeSync(file);
  return { written, synced };
}

export const benchmark: Benchmark = {
  name: "disk",
  title: "Sustained to event files: from the first call to the closed file, everything read back and counted",
  section: "core",
  async run(lab) {
    const calls = lab.quick ? 500_000 : 5_000_000;
    const ours = await lab.measure("sustained", { calls }, 5);
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
        measured: ours["bytesRate"]!,
        peers: [
          { name: "`writeSync` of the same bytes", value: ours["rawFresh"] },
          { name: "`writeSync` of one buffer again and again", value: ours["rawWarm"] },
          { name: "`writeSync` of the same bytes and `fdatasync`", value: ours["rawFreshSynced"] },
        ],
      },
      {
        what: "share of what `writeSync` of the same bytes reaches",
        unit: "percent",
        measured: ours["share"]!,
        target: { atLeast: 50 },
      },
    ];
  },
};
