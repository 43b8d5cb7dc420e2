import { fixture, runScript } from "./run-script.js";

const MIB = 1 << 20;

/** What a script's memory did while it logged. */
export interface MemoryUse {
  /** Resident memory of the process (MiB) after each part; the first is the warm-up. */
  readonly rssMiB: readonly number[];
  /** Highest value above the one after the warm-up (MiB). */
  readonly growthMiB: number;
}

/** Logs `count` scalars as fast as it can, to event files below `dir`, and looks at the memory after each `every`. */
export async function memoryOver(dir: string, count: number, every: number): Promise<MemoryUse> {
  const { code, stdout, stderr } = await runScript(fixture("steady.mjs"), {
    args: [dir, String(count), String(every)],
    timeoutMs: 900_000,
  });
  const synced = Number(/synced (\d+) dropped 0$/m.exec(stdout)?.[1] ?? 0);
  if (code !== 0 || stderr !== "" || synced < count)
    throw new Error(`code ${code}: ${stdout.slice(-200)} ${stderr}`);
  const rssMiB = [...stdout.matchAll(/^rss (\d+)$/gm)].map(([, bytes]) => Number(bytes) / MIB);
  return { rssMiB, growthMiB: Math.max(...rssMiB) - rssMiB[0]! };
}
