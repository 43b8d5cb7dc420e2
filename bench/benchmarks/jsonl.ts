import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import * as tracelet from "tracelet";
import type { Benchmark } from "../benchmark.js";
import type { MeasureInput } from "../lab.js";
import type { Figures } from "../statistics.js";

/** Scalars from the first call to the closed file; the lines are counted afterwards. */
export async function sustained({ calls, dir }: MeasureInput<{ readonly calls: number }>): Promise<Figures> {
  const experiment = tracelet.startLogging("jsonl", { dir, system: false, git: false, environment: false });
  await experiment.ready;
  const writer = new tracelet.SummaryWriter();
  const started = performance.now();
  for (let step = 0; step < calls; step++) writer.addScalar("train/loss", 1 / (step + 1), step);
  await tracelet.stopLogging();
  const seconds = (performance.now() - started) / 1000;
  const scalars = await countLines(dir, '"kind":"scalar"');
  if (scalars !== calls) throw new Error(`${scalars} of ${calls} scalars are in the file`);
  return { rate: calls / seconds };
}

async function countLines(dir: string, part: string): Promise<number> {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".jsonl"),
  );
  let count = 0;
  for (const file of files) {
    let rest = "";
    for await (const chunk of createReadStream(join(dir, file), {
      encoding: "utf8",
      highWaterMark: 1 << 20,
    })) {
      const text: string = rest + chunk;
      const lines = text.split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.includes(part)) count++;
    }
  }
  return count;
}

export const benchmark: Benchmark = {
  name: "jsonl",
  title: "Sustained to JSON lines: from the first call to the closed file, everything counted",
  section: "core",
  async run(lab) {
    const calls = lab.quick ? 200_000 : 2_000_000;
    const { rate } = await lab.measure("sustained", { calls }, 3);
    return [
      {
        what: `scalars a second (${calls.toLocaleString("en")} of them)`,
        unit: "per second",
        measured: rate!,
      },
    ];
  },
};
