// npm run bench [-- --only <name>] [--quick]
// Measures what the documentation claims, beside the peers in the same run, and writes docs/benchmarks.md.
// With --only or --quick it prints and leaves the page alone.
import { loadavg } from "node:os";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { type Benchmark, isMet } from "./benchmark.js";
import { benchmark as addScalar } from "./benchmarks/add-scalar.js";
import { benchmark as disk } from "./benchmarks/disk.js";
import { benchmark as idle } from "./benchmarks/idle.js";
import { benchmark as jsonl } from "./benchmarks/jsonl.js";
import { benchmark as media } from "./benchmarks/media.js";
import { benchmark as memory } from "./benchmarks/memory.js";
import { benchmark as start } from "./benchmarks/start.js";
import { benchmark as wandb } from "./benchmarks/wandb.js";
import { benchmark as wandbArtifacts } from "./benchmarks/wandb-artifacts.js";
import { benchmark as wandbDownload } from "./benchmarks/wandb-download.js";
import { benchmark as wandbOnline } from "./benchmarks/wandb-online.js";
import { compileBenchmarks } from "./compile.js";
import { openLab } from "./lab.js";
import { machine, type Result, writePage } from "./page.js";
import { findPython } from "./python.js";
import { findingLine } from "./table.js";

/** In the order of the page. */
const BENCHMARKS: readonly Benchmark[] = [
  addScalar,
  disk,
  jsonl,
  media,
  start,
  memory,
  idle,
  wandb,
  wandbOnline,
  wandbArtifacts,
  wandbDownload,
];

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    quick: { type: "boolean", default: false },
  },
});
const names = BENCHMARKS.map(({ name }) => name);
const unknown = values.only.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`bench: there is no benchmark ${unknown.join(", ")}; there are ${names.join(", ")}\n`);
  process.exit(2);
}
const chosen =
  values.only.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => values.only.includes(name));

const terminal = process.stderr.isTTY;
let last = "";
/** One line that changes on a terminal; elsewhere one line for each thing done, not for each repeat. */
const say = (doing: string) => {
  const thing = doing.replace(/ \(\d+ of \d+\)$/, "");
  if (terminal) process.stderr.write(`\r\x1b[K  ${doing}`);
  else if (thing !== last) process.stderr.write(`  ${thing}\n`);
  last = thing;
};
const loadBefore = loadavg()[0]!;
await compileBenchmarks();
const python = await findPython();
if ("absent" in python) say(`without the peers: ${python.absent}`);

const results: Result[] = [];
for (const benchmark of chosen) {
  process.stderr.write(`${benchmark.name}\n`);
  const lab = openLab(benchmark.name, {
    quick: values.quick,
    python: "path" in python ? python.path : undefined,
    say,
  });
  try {
    const findings = await benchmark.run(lab);
    results.push({ benchmark, findings });
    if (terminal) process.stderr.write("\r\x1b[K");
    for (const finding of findings) process.stdout.write(`${benchmark.name}: ${findingLine(finding)}\n`);
  } finally {
    lab.close();
  }
}

const machineText = machine(python, loadBefore);
process.stdout.write(`${machineText}\n`);
const missed = results.flatMap(({ findings }) => findings).filter((finding) => isMet(finding) === false);
process.stdout.write(
  `${missed.length === 0 ? "Every target is met." : `Targets missed: ${missed.length}.`}\n`,
);
if (chosen.length === BENCHMARKS.length && !values.quick) {
  process.stdout.write(`Written: ${relative(process.cwd(), writePage(results, machineText))}\n`);
}
