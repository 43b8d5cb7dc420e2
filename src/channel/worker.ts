/**
 * The logging worker: one for the process, however many experiments. It looks at the ring, hands what it finds to the
 * backends, and answers requests. Its own event loop stays free for sockets and timers between two looks.
 */
import { workerData } from "node:worker_threads";
import { createTroubleFilter, printLine } from "../backend/trouble.js";
import { type Collectors, startCollectors } from "../collectors/start.js";
import { messageOf } from "../errors.js";
import type { RowEvent } from "../events/event.js";
import { Word, WorkerState } from "./layout.js";
import { decodeMessage } from "./message-codec.js";
import { createPlannedHost } from "./planned-host.js";
import type { Command, Notice, Reply, WorkerInput } from "./protocol.js";
import { RingReader } from "./ring-reader.js";
import { printDirectly } from "./worker-output.js";
import { createWorkerRun, type WorkerRun } from "./worker-run.js";

/** A look takes at most this much (8-byte slots), so that sockets and timers get their turn in between. */
const LOOK_SLOTS = 1 << 17;
/** The ring is looked at this often while a run is open: with the timer's slack well within the promised 10 ms. */
const IDLE_LOOK_MS = 2;
/**
 * After so many looks that found nothing it is left to the writer to wake the worker: looking costs about 2 % of a core, being
 * woken some microseconds of the script's time, which a script that logs so seldom does not notice.
 */
const LOOKS_BEFORE_SLEEP = 50;
/** A sleeping worker still shows that it is alive. */
const ASLEEP_LOOK_MS = 1_000;

const { control: controlMemory, ring, port } = workerData as WorkerInput;
const control = new Int32Array(controlMemory);
const reader = new RingReader({ control: controlMemory, ring });

interface OpenRun {
  readonly run: WorkerRun;
  readonly series: Set<number>;
  readonly collectors: Collectors;
}

const runs = new Map<number, OpenRun>();
const series = new Map<number, { readonly run: WorkerRun; readonly tag: string }>();
/** Runs that gathered something in this look. */
let touched: WorkerRun[] = [];
const post = (notice: Notice) => port.postMessage(notice);
/** The newest counts of drops not told yet: told a few times a second, however often they change. */
const untoldDrops = new Map<string, Notice>();
const TELL_DROPS_MS = 200;
let toldDrops = Number.NEGATIVE_INFINITY;

const sink = {
  scalar(id: number, value: number, step: number, wallTime: number) {
    const known = series.get(id);
    if (known !== undefined) known.run.scalar(known.tag, value, step, wallTime);
  },
  row(
    ids: Uint32Array,
    values: Float64Array,
    count: number,
    step: number,
    wallTime: number,
    commit: boolean | undefined,
  ) {
    const run = series.get(ids[0]!)?.run;
    if (run === undefined) return;
    const tags = new Array<string>(count);
    const numbers = new Array<number>(count);
    for (let i = 0; i < count; i++) {
      tags[i] = series.get(ids[i]!)!.tag;
      numbers[i] = values[i]!;
    }
    const event: { -readonly [Key in keyof RowEvent]: RowEvent[Key] } = {
      kind: "row",
      tags,
      values: numbers,
      wallTime,
    };
    if (!Number.isNaN(step)) event.step = step;
    if (commit !== undefined) event.commit = commit;
    run.event(event, 32 + count * 16);
  },
  message(bytes: Uint8Array<ArrayBuffer>) {
    try {
      execute(decodeMessage(bytes) as Command, bytes.byteLength);
    } catch (error) {
      // The frame has to count as taken, or it would come again for ever.
      report(error);
    }
  },
  tooLarge(bytes: number) {
    report(new Error(`there is no memory for an event of ${bytes} bytes; it is lost`));
  },
};

function execute(command: Command, bytes: number): void {
  switch (command.type) {
    case "open":
      open(command);
      return;
    case "series": {
      const target = runs.get(command.experiment);
      if (target === undefined) return;
      target.series.add(command.series);
      series.set(command.series, { run: target.run, tag: command.tag });
      return;
    }
    case "event":
      runs.get(command.experiment)?.run.event(command.event, bytes);
      return;
    case "flush":
      void flush(command.experiment, command.deadlineMs).then(() => answer(command.reply));
      return;
    case "ask":
      void ask(command).then((found) => answer(command.reply, found));
      return;
    case "serve":
      void runs
        .get(command.experiment)
        ?.run.serve(command.backend, command.request)
        .then((found) => answer(command.reply, found));
      return;
    case "finish":
      void finish(command.experiment, command.outcome, command.deadlineMs).then(() => answer(command.reply));
      return;
    case "drain":
      for (const { run } of runs.values()) run.deliver();
      void Promise.all([...runs.values()].map(({ run }) => run.opened)).then(() => answer(command.reply));
      return;
    case "shutdown":
      void Promise.all(
        [...runs.keys()].map((experiment) => finish(experiment, command.outcome, command.deadlineMs)),
      ).then(() => answer(command.reply));
      return;
  }
}

function open({ experiment, plan }: Extract<Command, { type: "open" }>): void {
  const hosts = plan.backends.map((backend) =>
    createPlannedHost(backend, plan.stallMs, (notice) => {
      const known = { ...notice, experiment } as Notice;
      if (notice.type === "drops") untoldDrops.set(`${experiment}/${notice.backend}`, known);
      else post(known);
    }),
  );
  const run = createWorkerRun(plan.run, hosts, gather);
  const collectors = startCollectors(plan.collect, plan.run, (event) => run.event(event, 512));
  runs.set(experiment, { run, series: new Set(), collectors });
}

/** A run has something for its backends, which get it at the next look: soon, also when it came from a collector. */
function gather(run: WorkerRun): void {
  touched.push(run);
  if (scheduled === undefined || fruitless < LOOKS_BEFORE_SLEEP) return;
  fruitless = 0;
  clearTimeout(scheduled as NodeJS.Timeout);
  schedule(false);
}

async function flush(experiment: number, deadlineMs: number): Promise<void> {
  await runs.get(experiment)?.run.flush(deadlineMs);
}

async function ask({ experiment, backend, question }: Extract<Command, { type: "ask" }>): Promise<unknown> {
  return runs.get(experiment)?.run.ask(backend, question);
}

async function finish(
  experiment: number,
  outcome: Parameters<WorkerRun["finish"]>[0],
  deadlineMs: number,
): Promise<void> {
  const target = runs.get(experiment);
  if (target === undefined) return;
  await target.collectors.stop().catch(report);
  const reports = await target.run.finish(outcome, deadlineMs);
  tellDrops();
  runs.delete(experiment);
  // A number may have been released and given to another run meanwhile.
  for (const id of target.series) if (series.get(id)?.run === target.run) series.delete(id);
  post({ type: "finished", experiment, reports });
}

function tellDrops(): void {
  toldDrops = performance.now();
  for (const notice of untoldDrops.values()) post(notice);
  untoldDrops.clear();
}

/** The message first, so that a thread woken by the word finds it in its port. */
function answer({ id, sync }: Reply, found?: unknown): void {
  try {
    post({ type: "reply", id, ...(found !== undefined && { answer: found }) });
  } catch (error) {
    // A backend's answer that is no plain data. Whoever waits is not left waiting.
    report(error);
    post({ type: "reply", id });
  }
  if (!sync) return;
  // The thread waits for the newest only; a late answer to an older request must not hide it.
  Atomics.store(control, Word.answered, Math.max(id, Atomics.load(control, Word.answered)));
  Atomics.notify(control, Word.answered);
}

const overloaded = () => {
  for (const { run } of runs.values()) if (run.overloaded()) return true;
  return false;
};

let scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;
let immediate = false;
/** Where in the ring the newest request ends: read up to there even while a slow backend holds the rest back. */
let requested = reader.tail;
/** Looks in a row that found nothing. */
let fruitless = 0;

function look(): void {
  scheduled = undefined;
  reader.wake();
  Atomics.add(control, Word.heartbeat, 1);
  const before = reader.tail;
  let more = false;
  try {
    const owed = ((requested - reader.tail) | 0) > 0;
    if (!owed) requested = reader.tail;
    if (owed || !overloaded()) more = reader.read(sink, LOOK_SLOTS);
    const gathering = touched;
    touched = [];
    for (const run of gathering) run.deliver();
    if (untoldDrops.size > 0 && performance.now() - toldDrops > TELL_DROPS_MS) tellDrops();
  } finally {
    fruitless = reader.tail === before && untoldDrops.size === 0 ? fruitless + 1 : 0;
    schedule(more);
  }
}

/** Without an open run there is nothing to look for: the next one comes with a message. */
function schedule(atOnce: boolean): void {
  immediate = atOnce;
  if (atOnce) scheduled = setImmediate(look);
  else if (runs.size > 0 || reader.midMessage) {
    const sleeps = fruitless >= LOOKS_BEFORE_SLEEP && reader.sleep();
    scheduled = setTimeout(look, sleeps ? ASLEEP_LOOK_MS : IDLE_LOOK_MS);
  }
}

// A request does not wait for the next look.
port.on("message", (position: number) => {
  requested = position;
  if (immediate) return;
  clearTimeout(scheduled as NodeJS.Timeout);
  look();
});
process.on("exit", () => {
  Atomics.store(control, Word.state, WorkerState.gone);
  Atomics.notify(control, Word.room);
  Atomics.notify(control, Word.answered);
});

// One backend's stray error (in a timer, an unawaited promise, a socket nobody listens to) must not end the others.
const untold = createTroubleFilter();
function report(error: unknown): void {
  const message = `an error in the logging worker, outside of any call: ${messageOf(error)}`;
  if (untold(message)) printLine(message);
}
process.on("uncaughtException", report);
process.on("unhandledRejection", report);
process.exit = (code) => {
  throw new Error(
    `a backend called process.exit(${code ?? ""}), which would end the logging of all backends`,
  );
};

printDirectly();
Atomics.store(control, Word.state, WorkerState.running);
look();
