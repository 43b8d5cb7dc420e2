import type { Benchmark } from "../benchmark.js";
import type { Lab } from "../lab.js";
import { type Figures, median } from "../statistics.js";

const IMPORT = `
const started = performance.now();
await import("tracelet");
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
`;

/** The first run of a process, and the median of later ones. */
const runs = (dir: string) => `
import * as tracelet from "tracelet";
const dir = ${JSON.stringify(dir)};
const once = async () => {
  const started = performance.now();
  tracelet.startLogging("tensorboard", { dir });
  const returned = performance.now();
  const writer = new tracelet.SummaryWriter();
  for (let step = 0; step < 3; step++) writer.addScalar("loss", step, step);
  const finishing = performance.now();
  await tracelet.stopLogging();
  const ended = performance.now();
  return { start: returned - started, whole: ended - finishing + returned - started };
};
const first = await once();
const later = [];
for (let i = 0; i < 20; i++) later.push(await once());
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
console.log(JSON.stringify({
  first: first.start / 1000,
  later: median(later.map((run) => run.start)) / 1000,
  whole: median(later.map((run) => run.whole)) / 1000,
}));
`;

const wholeScript = (dir: string) => `
import * as tracelet from "tracelet";
tracelet.startLogging("tensorboard", { dir: ${JSON.stringify(dir)} });
const writer = new tracelet.SummaryWriter();
for (let step = 0; step < 3; step++) writer.addScalar("loss", step, step);
await tracelet.stopLogging();
`;

const BARE = "performance.now();";

/** Several scripts in turn, so that all see the same weather; the results by name. */
async function inTurn<Name extends string>(lab: Lab, repeats: number, scripts: Record<Name, () => string>) {
  const names = Object.keys(scripts) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const walls = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let i = 1; i <= repeats; i++) {
    lab.say(`fresh processes (${i} of ${repeats})`);
    for (const name of names) {
      const { figures, wallTime } = await lab.script(scripts[name]());
      walls[name].push(wallTime);
      if (figures["seconds"] !== undefined) results[name].push(figures["seconds"]);
    }
  }
  return { results, walls };
}

export const benchmark: Benchmark = {
  name: "start",
  title: "Start and end of a run",
  section: "core",
  async run(lab) {
    const { results, walls } = await inTurn(lab, lab.quick ? 3 : 15, {
      bare: () => BARE,
      import: () => IMPORT,
      whole: () => wholeScript(lab.folder()),
    });
    const measured: Figures[] = [];
    const repeats = lab.quick ? 1 : 7;
    for (let i = 1; i <= repeats; i++) {
      lab.say(`start and finish (${i} of ${repeats})`);
      measured.push((await lab.script(runs(lab.folder()))).figures);
    }
    const ours = (name: string) => median(measured.map((figures) => figures[name]!));
    const peers = await lab.peer("start.py", {}, 3);
    const named = (figure: string) => [
      { name: "PyTorch", value: peers?.[`torch_${figure}`] },
      { name: "tensorboardX", value: peers?.[`tensorboardX_${figure}`] },
    ];
    return [
      {
        what: 'import of `"tracelet"`',
        unit: "seconds",
        measured: median(results.import),
        target: { atMost: 0.04 },
        peers: named("import"),
      },
      {
        what: "a process that imports it, less a bare one",
        unit: "seconds",
        measured: median(walls.import) - median(walls.bare),
      },
      {
        what: "first `startLogging` of a process",
        unit: "seconds",
        measured: ours("first"),
        target: { atMost: 0.003 },
      },
      {
        what: "`startLogging` after the first",
        unit: "seconds",
        measured: ours("later"),
        target: { atMost: 0.003 },
        peers: named("open"),
      },
      {
        what: "start and finish of a run after the first",
        unit: "seconds",
        measured: ours("whole"),
        target: { atMost: 0.015 },
        peers: named("whole"),
      },
      {
        what: "a whole script: start Node, import, 3 scalars, finish, exit",
        unit: "seconds",
        measured: median(walls.whole),
        peers: [{ name: "a bare Node process", value: median(walls.bare) }],
      },
    ];
  },
};
