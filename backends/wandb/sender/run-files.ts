import { messageOf } from "../../../src/errors.js";
import { ignores, MissingFile, runFileName } from "./run-file-path.js";
import { createRunFileUpload, type RunFileUploadOptions } from "./run-file-upload.js";

/** When a run file is uploaded; as in the records of the log. */
export type RunFilePolicy = "NOW" | "END" | "LIVE";

/** How long names are collected, and how often files that may change are looked at: the official client's. */
const BATCH_MS = 5_000;
const POLL_MS = 500;
/** The official client's 128 is for all its transfers; artifacts have their own here. */
const TRANSFERS = 64;

export interface RunFilesOptions extends RunFileUploadOptions {
  /** Patterns of files not to upload, for paths below `filesDir`. `WANDB_IGNORE_GLOBS`. */
  readonly ignoreGlobs?: readonly string[];
  /** How long names are collected for one query; default 5 s. */
  readonly batchMs?: number;
  /** How often files of policy `LIVE` are looked at; default 500 ms. */
  readonly pollMs?: number;
  /** Files on their way at the same time; default 64. */
  readonly transfers?: number;
  /** The file stream has to tell the server of it. */
  onUploaded(name: string): void;
  /** A file that was to be uploaded is not, and why; `isGone`: another time it would be the same. */
  onFailed(path: string, reason: string, isGone: boolean): void;
}

/** The uploads of a run's files. No method throws or rejects. */
export interface RunFiles {
  /**
   * Has a file uploaded: once now, once at the end, or now, whenever it has changed and at the end.
   *
   * @param path below the run's `files/`, as a record names it; anything outside is refused
   */
  publish(path: string, policy: RunFilePolicy): void;
  /** Uploads what waits, without collecting further. Resolves when that is done, or the signal has ended it. */
  flush(): Promise<void>;
  /** As `flush`, with the files of policies `END` and `LIVE`; what is published after it has ended is ignored. */
  finish(): Promise<void>;
}

/**
 * Starts the uploads of a run's files. Each file is on its way once at a time: when it is published meanwhile, it follows
 * again. One of the same content as before is not sent again.
 *
 * @example
 * ```ts
 * const files = createRunFiles({ http, graphql, entity, project, runId, filesDir, onUploaded: stream.uploaded, ... });
 * files.publish("config.yaml", "NOW");
 * await files.finish();
 * ```
 */
export function createRunFiles(options: RunFilesOptions): RunFiles {
  const { filesDir, signal, batchMs = BATCH_MS, pollMs = POLL_MS, transfers = TRANSFERS } = options;
  const isIgnored = ignores(options.ignoreGlobs ?? []);
  const upload = createRunFileUpload(options);

  /** A name is in one of these: still collected, to be sent, on its way (with whether it shall follow again). */
  const collected = new Set<string>();
  const ready = new Set<string>();
  const underWay = new Map<string, { isAgain: boolean }>();
  const live = new Set<string>();
  const atEnd = new Set<string>();
  let waiters: { readonly names: Set<string>; readonly done: () => void }[] = [];
  let batchTimer: NodeJS.Timeout | undefined;
  let pollTimer: NodeJS.Timeout | undefined;
  let state: "open" | "finishing" | "ended" = "open";

  const add = (name: string): void => {
    const transfer = underWay.get(name);
    if (transfer !== undefined) transfer.isAgain = true;
    else if (!ready.has(name)) collected.add(name);
    if (state === "finishing" || waiters.length > 0) release();
    else if (collected.size > 0) batchTimer ??= setTimeout(release, batchMs);
  };

  const release = (): void => {
    clearTimeout(batchTimer);
    batchTimer = undefined;
    for (const name of collected) ready.add(name);
    collected.clear();
    start();
  };

  /**
   * Addresses are asked for only as many files as can be sent at once, because addresses expire; and for many at a time
   * where there are many.
   */
  const start = (): void => {
    for (;;) {
      const free = transfers - underWay.size;
      if (ready.size === 0 || free < Math.min(ready.size, Math.ceil(transfers / 2))) return;
      const names = [...ready].slice(0, free);
      for (const name of names) {
        ready.delete(name);
        underWay.set(name, { isAgain: false });
      }
      void upload(names, settle);
    }
  };

  const settle = (name: string, outcome: "uploaded" | "same" | { readonly failure: unknown }): void => {
    const isAgain = underWay.get(name)?.isAgain === true;
    underWay.delete(name);
    if (outcome === "uploaded") options.onUploaded(name);
    else if (outcome !== "same" && !signal?.aborted) {
      options.onFailed(name, messageOf(outcome.failure), outcome.failure instanceof MissingFile);
    }
    if (isAgain && !signal?.aborted) add(name);
    else done(name);
    start();
  };

  const done = (name: string): void => {
    const finished = waiters.filter(({ names }) => names.delete(name) && names.size === 0);
    waiters = waiters.filter((waiter) => !finished.includes(waiter));
    for (const waiter of finished) waiter.done();
  };

  const settled = (): Promise<void> => {
    const names = new Set([...collected, ...ready, ...underWay.keys()]);
    if (names.size === 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      waiters.push({ names, done: resolve });
      release();
    });
  };

  const poll = async (): Promise<void> => {
    await Promise.all(
      [...live].map(async (name) => {
        if (await upload.hasChanged(name)) add(name);
      }),
    );
    if (state === "open" && !signal?.aborted) pollTimer = setTimeout(poll, pollMs);
  };

  const abort = (): void => {
    clearTimeout(batchTimer);
    clearTimeout(pollTimer);
    for (const name of [...collected, ...ready]) done(name);
    collected.clear();
    ready.clear();
  };
  signal?.addEventListener("abort", abort);

  const end = async (): Promise<void> => {
    state = "finishing";
    clearTimeout(pollTimer);
    for (const name of atEnd) add(name);
    // Something may be published while the rest is sent.
    while (collected.size + ready.size + underWay.size > 0 && !signal?.aborted) await settled();
    state = "ended";
    signal?.removeEventListener("abort", abort);
  };
  let ending: Promise<void> | undefined;

  return {
    publish(path, policy) {
      if (state === "ended" || signal?.aborted) return;
      const name = runFileName(filesDir, path);
      if (name === undefined) {
        options.onFailed(path, "it is outside the run's folder", true);
        return;
      }
      if (isIgnored(name)) return;
      if (policy !== "NOW") atEnd.add(name);
      if (policy === "LIVE" && state === "open") {
        live.add(name);
        pollTimer ??= setTimeout(poll, pollMs);
      }
      if (policy !== "END" || state === "finishing") add(name);
    },
    flush: settled,
    finish() {
      ending ??= end();
      return ending;
    },
  };
}
