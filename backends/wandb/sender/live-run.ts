import { printLine } from "../../../src/backend/trouble.js";
import { messageOf, TraceletError } from "../../../src/errors.js";
import type { ArtifactAnswer, NativeRequest, RunAnswer } from "../native/native-call.js";
import type { Writer } from "../run/writer-file.js";
import type { Reach } from "../server/reach.js";
import type { Server } from "../server/server.js";
import { queryViewer } from "../server/viewer.js";
import type { SettingValues } from "../settings/setting-table.js";
import type { LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";
import type { Branch } from "./branch.js";
import { createRunSender, type KnownRun, type SendEnd } from "./run-sender.js";

/** How long the start waits for the server's answer before it says that there is none. `WANDB_INIT_TIMEOUT`. */
const INIT_TIMEOUT_MS = 10_000;
/**
 * An end does not wait for a server to which no connection was found for so long, of that so long since the end was asked
 * for: as long as a service takes to restart. What is tried meanwhile is tried every second.
 */
const AWAY_MS = 10_000;
const AWAY_AT_END_MS = 3_000;
const LOOK_MS = 250;
/** What is left of the deadline of the end for saying what did not arrive; a machine that is busy needs more than others. */
const FAREWELL_MS = 1_000;
const FAREWELL_SHARE = 0.2;
/** Of an artifact that the end was too soon for. */
const KEPT = "the run ended before the server had it; it is kept, and `npx tracelet sync` sends it";

export interface LiveRunOptions {
  readonly server: Server;
  /** Of the server. */
  readonly reach: Pick<Reach, "awayMs">;
  readonly values: SettingValues;
  readonly logFile: string;
  readonly filesDir: string;
  /** The run's folder, for people. */
  readonly folder: string;
  readonly writer: Writer;
  /** Where the run goes on; `unknown` when the server could not be asked in time. */
  readonly branch: Branch | "unknown" | undefined;
  /** Bytes of the log that are with the operating system. */
  readonly written: () => number;
  warn(message: string): void;
  address(url: string): void;
  /** Everything in the log before `offset` has arrived. */
  arrived(offset: number): void;
}

/** A run that is sent while it is written. */
export interface LiveRun {
  /** Resolves when the server knows the run; rejects when it does not answer, or refuses it. */
  readonly connected: Promise<void>;
  /** The log has grown. */
  grown(): void;
  /** Resolves when everything in the log has arrived, or was given up. */
  flush(): Promise<void>;
  serve(request: NativeRequest): Promise<RunAnswer | ArtifactAnswer>;
  /** Whether the account keeps the code of its runs unless they say otherwise; false when the server does not tell. */
  savesCode(): Promise<boolean>;
  /** The log has ended. Resolves when everything has arrived, or the time is up. */
  finish(deadlineMs: number): Promise<SendEnd>;
}

export function startLiveRun(options: LiveRunOptions): LiveRun {
  const { server, values, warn, folder } = options;
  const branch = options.branch === "unknown" ? undefined : options.branch;
  const ending = new AbortController();
  const hurry = new AbortController();
  const known = new Deferred<KnownRun>();
  let grew = false;
  let ended = false;
  let wake: (() => void) | undefined;
  let isAway = false;
  let isKnown = false;

  const away = (problem: string, status = 0): void => {
    if (isAway || ending.signal.aborted) return;
    isAway = true;
    const advice = status === 401 ? `; check the API key ("npx tracelet wandb login", or WANDB_API_KEY)` : "";
    const line = `${server.baseUrl} does not take the run (${problem})${advice}; it is kept in ${folder} and sent as soon as it does`;
    if (isKnown) warn(line);
    else known.reject(new TraceletError("backend-failed", line, { backend: "wandb" }));
  };
  const stop = (why: string): void => {
    if (ended) return;
    warn(`${why}; the process gets SIGINT`);
    process.kill(process.pid, "SIGINT");
  };
  const timeout = setTimeout(() => away("no answer"), (values.initTimeout ?? 0) * 1000 || INIT_TIMEOUT_MS);

  const sender = createRunSender({
    server,
    values,
    logFile: options.logFile,
    filesDir: options.filesDir,
    writer: options.writer,
    branch,
    isBranchKnown: options.branch !== "unknown",
    isLive: true,
    signal: ending.signal,
    hurry: hurry.signal,
    onRetry: away,
    async more() {
      if (!grew && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const goesOn = grew;
      grew = false;
      return goesOn;
    },
    warn,
    answered() {
      if (isAway) printLine(`wandb: ${server.baseUrl} takes the run again`);
      isAway = false;
      options.arrived(sender.arrived());
    },
    known(run) {
      clearTimeout(timeout);
      isKnown = true;
      options.address(run.url);
      if (!values.silent && !values.quiet)
        printLine(`wandb: view run ${run.displayName ?? run.runId} at ${run.url}`);
      known.resolve(run);
    },
    stopRequested: () => stop("the run was stopped on its page"),
    failed() {
      if (values.stopOnFatalError) stop("its rows cannot be sent any more, and stopOnFatalError is set");
    },
  });
  const done = sender.done.then((end) => {
    clearTimeout(timeout);
    known.reject(
      new TraceletError("backend-failed", end.problems[0] ?? "the run was not sent", { backend: "wandb" }),
    );
    return end;
  });

  const grown = (): void => {
    grew = true;
    wake?.();
  };

  return {
    connected: known.promise.then(() => {}),
    grown,
    flush: () => sender.flush(options.written()),
    async serve(request) {
      if (request === "run") {
        return known.promise.then(
          (run) => ({ run: { ...run, ...takenOver(branch) } }),
          () => ({}),
        );
      }
      return sender.artifact(request.artifact, options.written()).then(
        (artifact) => ({ artifact }),
        (error: unknown) => ({ problem: ending.signal.aborted ? KEPT : messageOf(error) }),
      );
    },
    savesCode: () =>
      queryViewer(server.connect().graphql, { signal: ending.signal, policy: server.policies.graphql }).then(
        (viewer) => viewer?.savesCode === true,
        () => false,
      ),
    async finish(deadlineMs) {
      ended = true;
      hurry.abort();
      wake?.();
      const timer = setTimeout(
        () => ending.abort(),
        Math.max(0, deadlineMs - Math.min(FAREWELL_MS, deadlineMs * FAREWELL_SHARE)),
      );
      const began = performance.now();
      const look = setInterval(() => {
        const isLost = options.reach.awayMs() >= AWAY_MS && performance.now() - began >= AWAY_AT_END_MS;
        if (isLost) ending.abort();
      }, LOOK_MS);
      const end = await done;
      clearTimeout(timer);
      clearInterval(look);
      ending.abort();
      options.arrived(sender.arrived());
      await server.close();
      return end;
    },
  };
}

/** A promise that is settled from outside, and that nobody has to wait for. */
class Deferred<Value> {
  resolve!: (value: Value) => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<Value>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}

type Values = { readonly [key: string]: LoggedValue };

/** What a script sees of the run that it goes on with. */
function takenOver(
  branch: Branch | undefined,
): Pick<NonNullable<RunAnswer["run"]>, "config" | "startingStep" | "tags" | "notes"> {
  const entries = Object.entries((parseJson(branch?.config ?? "{}") ?? {}) as Values);
  const values = entries.flatMap(([key, entry]) => {
    const value = (entry as Values | null)?.["value"];
    return key === "_wandb" || value === undefined ? [] : [[key, value] as const];
  });
  const { startingStep = 0, tags = [], notes } = branch ?? {};
  return { config: Object.fromEntries(values), startingStep, tags, notes };
}
