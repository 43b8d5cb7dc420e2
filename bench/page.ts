import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem, type } from "node:os";
import { join } from "node:path";
import type { Benchmark, Finding } from "./benchmark.js";
import { ROOT } from "./paths.js";
import type { PythonChoice } from "./python.js";
import { findingTable } from "./table.js";

/** What a benchmark found. */
export interface Result {
  readonly benchmark: Benchmark;
  readonly findings: readonly Finding[];
}

const PAGE = join(ROOT, "docs", "benchmarks.md");
const TEMPLATE = join(ROOT, "bench", "page.md");

/** The machine and the programs, in one paragraph. */
export function machine(python: PythonChoice, loadBefore: number): string {
  const { model } = cpus()[0]!;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = `${loadBefore.toFixed(1)} at the start and ${loadavg()[0]!.toFixed(1)} at the end`;
  const peers = "path" in python ? python.packages : `the peers could not be run (${python.absent})`;
  return `${cpus().length} cores (${model.trim()}), ${memory}, ${type()}, Node ${process.versions.node}; load ${load}. Peers: ${peers}.`;
}

/** Writes docs/benchmarks.md: the hand-written page with the machine and the tables in the places of its marks. */
export function writePage(results: readonly Result[], machineText: string): string {
  const page = readFileSync(TEMPLATE, "utf8").replaceAll(
    /<!-- (machine|table: [\w-]+) -->/g,
    (mark, what) => {
      if (what === "machine") return machineText;
      const section = what.slice("table: ".length);
      const tables = results
        .filter(({ benchmark }) => benchmark.section === section)
        .map(({ benchmark, findings }) => `### ${benchmark.title}\n\n${findingTable(findings)}`);
      if (tables.length === 0) throw new Error(`${TEMPLATE}: no benchmark has the section of ${mark}`);
      return tables.join("\n\n");
    },
  );
  writeFileSync(PAGE, page);
  return PAGE;
}
