import { defineBackend, type Opened } from "../../src/backend/contract.js";
import { messageOf, TraceletError } from "../../src/errors.js";
import type { ConsoleEvent, Event, NativeEvent } from "../../src/events/event.js";
import { maskEvent } from "./around/mask-texts.js";
import { createFacadeRows, type FacadeRows } from "./facade/facade-rows.js";
import type { NativeQuestion, NativeRequest } from "./native/native-call.js";
import { createNativeRows, type NativeRows } from "./native/native-rows.js";
import { type NativeOptions, wandbOptions } from "./options.js";
import { RunWriter } from "./run/run-writer.js";
import { type PreparedRun, prepareRun } from "./run/start-run.js";
import { createSurroundings, type Surroundings } from "./run/surroundings.js";
import { writeWriterFile } from "./run/writer-file.js";
import type { Branch } from "./sender/branch.js";
import { askBranch, createUplink, missingCredentials, type Uplink, wakeSender } from "./sender/uplink.js";
import { needsBranch } from "./settings/run-settings.js";

/** How finely is known which events have arrived. */
const MARK_BYTES = 64 << 10;

const syncHint = (folder: string): string => `send with: npx tracelet sync ${folder}`;

/** A run with what turns events into its records. */
interface Target {
  readonly run: RunWriter;
  readonly facade: FacadeRows;
  readonly native: NativeRows;
  readonly surroundings: Surroundings;
}

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
  options: wandbOptions,
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
    let target: Target | undefined;
    let uplink: Uplink | undefined;
    /** Events of this run that are in its log, and how many were when the log had which size. */
    let kept = 0;
    let dropped = 0;
    const marks: { readonly size: number; readonly kept: number }[] = [];
    const reporter = {
      warn: context.warn,
      drop(count: number, reason: string) {
        dropped += count;
        context.drop(count, reason);
      },
    };

    const apply = ({ facade, native, surroundings }: Target, event: Event): void => {
      if (event.kind === "environment") surroundings.environment(event);
      else if (event.kind === "system") surroundings.system(event);
      else if (event.kind === "native") native.call(event as NativeEvent);
      else if (event.kind === "row" && options.native !== undefined) native.row(event);
      else facade.event(event);
    };

    /** One bad event does not take the others of its batch with it. */
    const applyKept = (to: Target, event: Event): void => {
      try {
        apply(to, maskEvent(event));
      } catch (error) {
        const reason = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error);
        reporter.drop(1, reason);
        context.warn(`${event.kind}: ${reason}`);
      }
    };

    const begin = (prepared: PreparedRun, branch: Branch | undefined, offline: boolean): RunWriter => {
      const start = { ...prepared.start, branch, offline };
      const run = new RunWriter(prepared.settings, start, reporter);
      run.grown = () => commit(run);
      target = {
        run,
        facade: createFacadeRows(run, reporter),
        native: createNativeRows(run, reporter),
        surroundings: createSurroundings(
          run,
          prepared.writer,
          async (signal) => (await uplink?.savesCode(signal)) ?? false,
          reporter,
        ),
      };
      writeWriterFile(run.directory.logFile, prepared.writer);
      context.location(run.directory.syncDir, syncHint(run.directory.syncDir));
      return run;
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

    /** A run that goes on has to know with which step; what is logged meanwhile waits. */
    const goOn = async (prepared: PreparedRun): Promise<Opened> => {
      let branch: Branch | "unknown" | undefined;
      let refused: TraceletError | undefined;
      try {
        branch = await askBranch(prepared);
      } catch (error) {
        if (error instanceof TraceletError && error.code === "invalid-option") refused = error;
        else {
          branch = "unknown";
          context.warn(messageOf(error));
        }
      }
      const known = branch === "unknown" ? undefined : branch;
      return send(prepared, begin(prepared, known, false), branch, refused);
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
        const prepared = prepareRun(options, description, reporter);
        if (prepared === undefined) return undefined;
        if (prepared.settings.mode === "offline") {
          begin(prepared, undefined, true);
          return undefined;
        }
        const missing = missingCredentials(prepared);
        if (missing !== undefined) {
          const { syncDir } = begin(prepared, undefined, true).directory;
          const line = `${missing}. The run is kept in ${syncDir}`;
          return {
            connected: Promise.reject(new TraceletError("backend-failed", line, { backend: "wandb" })),
          };
        }
        wakeSender();
        if (needsBranch(prepared.settings)) return goOn(prepared);
        return send(prepared, begin(prepared, undefined, false), undefined);
      },
      write(events) {
        if (target === undefined) return;
        for (let i = 0; i < events.length; i++) {
          const event = events[i]!;
          if (event.kind !== "console") {
            applyKept(target, event);
            continue;
          }
          const lines: ConsoleEvent[] = [event];
          for (let next = events[i + 1]; next?.kind === "console"; next = events[i + 1]) {
            lines.push(next);
            i++;
          }
          target.surroundings.console(lines);
        }
        kept += events.length;
        commit(target.run);
      },
      writeScalars(columns) {
        if (target === undefined) return;
        target.facade.scalars(columns);
        kept += columns.length;
        commit(target.run);
      },
      flush() {
        if (target === undefined) return;
        target.facade.flush();
        commit(target.run);
        target.run.sync();
      },
      async sent() {
        await target?.run.settle();
        await uplink?.flush();
      },
      answer: (question) => target?.native.answer(question as NativeQuestion),
      async serve(request) {
        await target?.run.settle();
        return uplink?.serve(request as NativeRequest);
      },
      async close(outcome, deadlineMs) {
        if (target === undefined) return;
        const began = performance.now();
        const { run, native, surroundings } = target;
        await Promise.all([surroundings.settle(), run.settle()]);
        native.settle();
        run.finish(outcome);
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
          pending: Math.max(1, kept - dropped - confirmed),
          location: syncDir,
          hint: syncHint(syncDir),
          quiet: silent === true || quiet === true,
        };
      },
    };
  },
});
