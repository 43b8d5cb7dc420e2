import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, runCommand } from "../support/command-line.js";
import { checkEventFiles, checkServer, type JoinedTold, runJoined } from "../support/joined.js";
import { memoryOver } from "../support/memory.js";
import { countInOrder } from "../support/run-files.js";
import { fixture, runScript } from "../support/run-script.js";
import { killBurst, killComputing, killMany, killManyOf } from "../support/sigkill.js";
import { countRows } from "../support/wandb-log.js";
import { startWandbServer } from "../support/wandb-server/server.js";

/** Works in the folder given; returns what it measured, throws when a promise is broken. */
type Soak = (dir: string) => Promise<string>;

const GONE =
  "the logging worker does not answer; what it had not written is lost, and what is logged from now on is dropped";

/** 200 kills of a script whose thread computes: all that is older than 10 ms is there. */
async function kills(): Promise<string> {
  const { counted, starved } = await killMany(200);
  const ages = counted.map(({ oldestMissingMs }) => oldestMissingMs).sort((a, b) => b - a);
  const late = ages.filter((age) => age > 10);
  assert.equal(
    late.length,
    0,
    `${late.length} of ${counted.length} lost more than 10 ms: ${late.map((age) => age.toFixed(1)).join(", ")} ms`,
  );
  return `all of ${counted.length}, at most the last ${ages[0]!.toFixed(1)} ms lost; ${starved} not counted (machine busy)`;
}

/** As `kills`, of W&B runs. */
async function wandbKills(): Promise<string> {
  const { counted, starved } = await killManyOf(200, (afterMs) =>
    killComputing("wandb", afterMs, (dir) => [countRows(dir)]),
  );
  const oldest = Math.max(...counted.map(({ oldestMissingMs }) => oldestMissingMs));
  assert.ok(oldest <= 10, `a row ${oldest.toFixed(1)} ms old was lost`);
  return `all of ${counted.length}, at most the last ${oldest.toFixed(1)} ms lost; ${starved} not counted (machine busy)`;
}

async function bursts(): Promise<string> {
  let events = 0;
  for (let i = 0; i < 50; i++) events += (await killBurst(10 + Math.random() * 200)).inEventFile;
  return `50 files read to their last whole record, ${events} scalars in order`;
}

/** Memory over 100 million scalars; they take some 5 GB of disk while it runs. */
async function memory(dir: string): Promise<string> {
  const { rssMiB, growthMiB } = await memoryOver(dir, 100_000_000, 5_000_000);
  const seen = rssMiB.map((mib) => mib.toFixed(0)).join(" ");
  assert.ok(growthMiB <= 64, `grew by ${growthMiB.toFixed(0)} MiB: ${seen}`);
  return `grew by ${growthMiB.toFixed(0)} MiB (${seen})`;
}

async function experiments(dir: string): Promise<string> {
  const { code, stdout, stderr } = await runScript(fixture("many.mjs"), {
    args: [dir, "1000", "200"],
    nodeArgs: ["--expose-gc"],
    timeoutMs: 300_000,
  });
  assert.equal(code, 0, stderr);
  const { perExperiment, lost } = JSON.parse(stdout) as { perExperiment: number; lost: number };
  assert.equal(lost, 0);
  assert.ok(perExperiment <= 100 * 1024, `${(perExperiment / 1024).toFixed(0)} KiB each`);
  return `1,000 at once, ${(perExperiment / 1024).toFixed(0)} KiB each`;
}

/** Whether an awaited call of the channel can ever let the process end. */
async function again(dir: string): Promise<string> {
  const rounds = [
    ["3000", "10"],
    ["300", "20000"],
    ["20", "1000000"],
    ["5", "5000000"],
  ] as const;
  for (const [count, scalars] of rounds) {
    const { code, signal, stdout, stderr } = await runScript(fixture("again.mjs"), {
      args: [join(dir, scalars), count, scalars],
      timeoutMs: 600_000,
    });
    assert.deepEqual(
      { code, signal, stdout, stderr },
      { code: 0, signal: null, stdout: `done ${count}\n`, stderr: "" },
    );
  }
  return rounds.map(([count, scalars]) => `${count} runs of ${scalars}`).join(", ");
}

/** A backend that never comes back from a synchronous loop, in each of its calls. */
async function loops(dir: string): Promise<string> {
  for (const at of ["import", "create", "open", "write", "flush", "close"]) {
    const ended = await runScript(fixture("beside-faulty.mjs"), {
      args: [join(dir, at), "stopLogging"],
      env: { FAULT: `${at} loops` },
    });
    assert.deepEqual({ at, code: ended.code, said: ended.said }, { at, code: 0, said: [GONE] });
  }
  const began = performance.now();
  // The script waits for room in the channel until the worker counts as hung (20 s), then goes on.
  const ended = await runScript(fixture("beside-faulty.mjs"), {
    args: [join(dir, "burst"), "burst"],
    env: { FAULT: "write loops" },
    timeoutMs: 120_000,
  });
  assert.deepEqual({ code: ended.code, said: ended.said }, { code: 0, said: [GONE] });
  return `six calls, and a full channel (${((performance.now() - began) / 1000).toFixed(0)} s)`;
}

/** A process that is stopped for longer than any deadline (Ctrl-Z, a paused container) goes on as if nothing was. */
async function stopped(dir: string): Promise<string> {
  const ended = await runScript(fixture("steady.mjs"), {
    args: [dir, "20000000", "1000000"],
    timeoutMs: 300_000,
    onLine: (line, child) => {
      if (stops > 0 || !line.startsWith("rss ")) return;
      stops++;
      child.kill("SIGSTOP");
      setTimeout(() => child.kill("SIGCONT"), 45_000);
    },
  });
  assert.deepEqual({ code: ended.code, stderr: ended.stderr }, { code: 0, stderr: "" });
  assert.match(ended.stdout, /dropped 0$/m);
  return "45 s in the middle of a burst, nothing lost";
}
let stops = 0;

async function million(dir: string): Promise<string> {
  for (let i = 0; i < 20; i++) {
    const own = join(dir, String(i));
    const ended = await runScript(fixture("ending.mjs"), { args: [own, "process.exit"] });
    assert.deepEqual({ code: ended.code, stderr: ended.stderr }, { code: 0, stderr: "" });
    assert.equal(countInOrder(join(own, "run")), 1_000_000);
  }
  return "20 times process.exit(0) right after 1,000,000 scalars";
}

/** 8 processes that log to one run at full speed, 100,000 scalars each, to every backend that has shared runs. */
async function joined(dir: string): Promise<string> {
  const [writers, count] = [8, 100_000];
  const server = await startWandbServer();
  const key = { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey, WANDB_ENTITY: "tester" };
  const said: string[] = [];
  /** What a call costs the slowest writer and the median one, beside a writer that has the machine to itself. */
  const job = async (
    name: string,
    backend: string,
    options: object,
    check: (own: string, told: JoinedTold) => unknown,
  ) => {
    const costs = [];
    for (const number of [1, writers]) {
      const own = join(dir, `${name}-${number}`);
      mkdirSync(own);
      const started = performance.now();
      const { told } = await runJoined({
        how: "fork",
        writers: number,
        count,
        backend,
        options,
        env: key,
        dir: own,
      });
      const took = performance.now() - started;
      if (number === writers) await check(own, told);
      const times = told.reports.map(({ time }) => time).sort((a, b) => a - b);
      costs.push(
        `${number}: ${times[number >> 1]!.toFixed(0)} ns (at most ${times.at(-1)!.toFixed(0)}), ${took.toFixed(0)} ms`,
      );
    }
    said.push(`${name} ${costs.join("; ")}`);
  };
  try {
    await job("tensorboard", "tensorboard", {}, (own, { id }) =>
      checkEventFiles(join(own, "runs", `joined-${id}`), writers, count),
    );
    await job("online", "wandb", { project: "online" }, (_, told) =>
      checkServer(server, "online", told, writers, count),
    );
    const offline = { project: "offline", config: { mode: "offline" } };
    await job("offline", "wandb", offline, async (own, told) => {
      const synced = await runCommand(["sync"], own, { ...emptyHome(own), ...key });
      assert.equal(synced.code, 0, synced.stderr);
      await checkServer(server, "offline", told, writers, count);
    });
  } finally {
    await server.close();
  }
  return said.join(". ");
}

export const SOAKS: Readonly<Record<string, Soak>> = {
  kills,
  wandbKills,
  bursts,
  memory,
  experiments,
  again,
  loops,
  stopped,
  million,
  joined,
};
