import { defineBackend, type Opened } from "../../src/backend/contract.js";
import { messageOf, TraceletError } from "../../src/errors.js";
import type { NativeQuestion, NativeRequest } from "./native/native-call.js";
import type { NativeOptions } from "./options.js";
import { createEventTarget, type EventTarget } from "./run/event-target.js";
import { createFirstCalls, type FirstCalls, isWrittenTwice } from "./run/first-calls.js";
import { removeRunDirectory } from "./run/run-directory.js";
import { type RunReporter, type RunStart, RunWriter } from "./run/run-writer.js";
import { type PreparedRun, prepareRun } from "./run/start-run.js";
import { writeWriterFile } from "./run/writer-file.js";
import type { Branch } from "./sender/branch.js";
import { askBranch, createUplink, missingCredentials, type Uplink, wakeSender } from "./sender/uplink.js";
import { needsBranch } from "./settings/run-settings.js";

/** Of a log that is written again: then it is told. */
const SILENT: RunReporter = { warn() {}, drop() {} };

/** How finely is known which events have arrived. */
const MARK_BYTES = 64 << 10;

const syncHint = (folder: string): string => `send with: npx tracelet sync ${folder}`;

/**
 * Writes a W&B run into its folder below `wandb/`, and sends it from there while it is written; offline, or when the server
 * cannot be reached, `tracelet sync` sends it later (as the official `wandb sync` does).
 *
 * @example
 * ```ts
 * tracelet.startLogging("wandb", { project: "vision", config: { group: "sweep-7", mode: "offline" } });
 * ```
 */
export const backend = defineBackend<NativeOptions>({
  name: "wandb",
  sharedWriters: true,
  idVariable: "WANDB_RUN_ID",
  unsupported: {
    layout: "W&B's pages arrange charts on the server",
  },
  adapted: {
    histogram: "64 bins of equal width, or the number or edges given; at most 512",
    histogramRaw: "at most 512 bins; more are joined",
    tensor: "a NumPy file of the run, named in the row",
    figure: "a picture, a Plotly figure, an SVG page, or a page with the text of a Vega specification",
    text: "a page that shows the text",
    mesh: "a point cloud, or an OBJ file when there are faces",
    embedding: "a table with the coordinates as columns D0, D1, ...",
    prCurve: "a chart over a table with a row for each threshold",
    prCurveRaw: "a chart over a table with a row for each threshold",
    graph: "an artifact with the graph as JSON or ONNX",
    hparams: "configuration and summary",
  },
  create(options, context) {
    /** What is written to; undefined while the run is not open, and for a disabled one. */
    let target: EventTarget | undefined;
    let uplink: Uplink | undefined;
    /** Events of this run that are in its log, and how many were when the log had which size. */
    let kept = 0;
    let dropped = 0;
    const marks: { readonly size: number; readonly kept: number }[] = [];
    const told: RunReporter = {
      warn: context.warn,
      drop(count: number, reason: string) {
        dropped += count;
        context.drop(count, reason);
      },
    };

    /** What is logged before it is known where the run goes on; undefined for other runs, and afterwards. */
    let first: FirstCalls<EventTarget> | undefined;
    /** Whether the server has said that the run may not begin, which `wandb.init` throws: nothing of it is kept. */
    let isThrown = false;
    /** Resolves when that is known, and the run is sent. */
    let opening: Promise<void> | undefined;

    const begin = (
      prepared: PreparedRun,
      how: Pick<RunStart, "branch" | "offline" | "replaces">,
      reporter: RunReporter = told,
    ): EventTarget => {
      const run = new RunWriter(prepared.settings, { ...prepared.start, ...how }, reporter);
      run.grown = () => commit(run);
      target = createEventTarget({
        run,
        writer: prepared.writer,
        isNative: options.native !== undefined,
        async accountSavesCode(signal) {
          await opening;
          return (await uplink?.savesCode(signal)) ?? false;
        },
        reporter,
      });
      writeWriterFile(run.directory.logFile, prepared.writer);
      context.location(run.directory.syncDir, syncHint(run.directory.syncDir));
      return target;
    };

    const send = (
      prepared: PreparedRun,
      run: RunWriter,
      branch: Branch | "unknown" | undefined,
      refused?: Error,
    ): Opened => {
      const { logFile, filesDir, syncDir } = run.directory;
      const { warn, address } = context;
      const parts = { logFile, filesDir, folder: syncDir, written: () => run.written, warn, address };
      uplink = createUplink(prepared, parts, branch, refused);
      return { connected: uplink.connected };
    };

    /** A run that goes on has to know with which step; see `first-calls.ts`. */
    const goOn = (prepared: PreparedRun): Opened => {
      const provisional = begin(prepared, { offline: false }, SILENT);
      const calls = createFirstCalls<EventTarget>();
      first = calls;
      const opened = askBranch(prepared)
        .catch((error: unknown) => {
          if (error instanceof TraceletError && error.code === "invalid-option") return error;
          context.warn(messageOf(error));
          return "unknown" as const;
        })
        .then((found) => {
          const branch = typeof found === "string" || found instanceof Error ? undefined : found;
          const { run } = beginAgain(prepared, provisional, branch, calls);
          const refused = found instanceof Error ? found : undefined;
          isThrown = refused !== undefined && options.native !== undefined;
          return send(prepared, run, found === "unknown" ? found : branch, refused);
        });
      opening = opened.then(() => {});
      return { connected: opened.then(({ connected }) => connected) };
    };

    const beginAgain = (
      prepared: PreparedRun,
      provisional: EventTarget,
      branch: Branch | undefined,
      calls: FirstCalls<EventTarget>,
    ): EventTarget => {
      first = undefined;
      const { run: replaces } = provisional;
      try {
        const again = begin(prepared, { offline: false, branch, replaces });
        calls.repeat(again);
        again.run.takePlace(replaces);
        return again;
      } catch (error) {
        // The disk is full, or the folder gone. What is written stays, with steps from 0.
        target = provisional;
        told.drop(calls.unwritten(), messageOf(error));
        context.warn(`the run's steps begin at 0: ${messageOf(error)}`);
        return target;
      }
    };

    /** What was written is with the operating system: it may be sent. */
    const commit = (run: RunWriter): void => {
      run.commit();
      if (uplink === undefined) return;
      const last = marks.at(-1);
      if (last === undefined || run.written - last.size > MARK_BYTES) marks.push({ size: run.written, kept });
      uplink.grown();
    };

    return {
      open(description) {
        const prepared = prepareRun(options, description, told);
        if (prepared === undefined) return undefined;
        if (prepared.settings.mode === "offline") {
          begin(prepared, { offline: true });
          return undefined;
        }
        const missing = missingCredentials(prepared);
        if (missing !== undefined) {
          const { syncDir } = begin(prepared, { offline: true }).run.directory;
          const line = `${missing.replace(/\.$/, "")}. The run is kept in ${syncDir}`;
          return {
            connected: Promise.reject(new TraceletError("backend-failed", line, { backend: "wandb" })),
          };
        }
        wakeSender();
        if (needsBranch(prepared.settings)) return goOn(prepared);
        return send(prepared, begin(prepared, { offline: false }).run, undefined);
      },
      write(events) {
        if (target === undefined) return;
        target.take(first === undefined ? events : events.filter(isWrittenTwice));
        kept += events.length;
        commit(target.run);
        const isFull = first?.keepEvents(events, (to, again) => to.take(again));
        return isFull ? opening : undefined;
      },
      writeScalars(columns) {
        if (target === undefined) return;
        target.facade.scalars(columns);
        kept += columns.length;
        commit(target.run);
        const isFull = first?.keepScalars(columns, ({ facade }, again) => facade.scalars(again));
        return isFull ? opening : undefined;
      },
      flush() {
        if (target === undefined) return;
        target.facade.flush();
        commit(target.run);
        target.run.sync();
        first?.keep(({ facade }) => facade.flush());
      },
      async sent() {
        await opening;
        await target?.run.settle();
        await uplink?.flush();
      },
      async answer(question) {
        await opening;
        return target?.native.answer(question as NativeQuestion);
      },
      async serve(request) {
        await opening;
        await target?.run.settle();
        return uplink?.serve(request as NativeRequest);
      },
      async close(outcome, deadlineMs) {
        const began = performance.now();
        await opening;
        if (target === undefined) return;
        const { run, native, surroundings } = target;
        await Promise.all([surroundings.settle(), run.settle()]);
        native.settle();
        run.finish(outcome);
        if (isThrown) {
          removeRunDirectory(run.directory);
          return { quiet: true };
        }
        marks.push({ size: run.written, kept });
        uplink?.grown();
        const { silent, quiet, finishTimeout } = run.settings.values;
        const limitMs = finishTimeout ? Math.min(deadlineMs, finishTimeout * 1000) : deadlineMs;
        const end = await uplink?.finish(limitMs - (performance.now() - began));
        if (end?.complete) return { quiet: silent === true || quiet === true };
        const arrived = uplink?.arrived() ?? 0;
        const confirmed = marks.findLast(({ size }) => size <= arrived)?.kept ?? 0;
        const { syncDir } = run.directory;
        return {
          // Files, artifacts and the run's fields are no events of their own: one of them may be all that is missing.
          pending: Math.max(
            1,
            Math.min(kept - dropped, kept - dropped - confirmed + (end?.rowsLeftOut ?? 0)),
          ),
          location: syncDir,
          hint: syncHint(syncDir),
          quiet: silent === true || quiet === true,
        };
      },
    };
  },
});
