import { defineBackend } from "../../src/backend/contract.js";
import type { ConsoleEvent, Event, NativeEvent } from "../../src/events/event.js";
import { maskEvent } from "./around/mask-texts.js";
import { createFacadeRows, type FacadeRows } from "./facade/facade-rows.js";
import type { NativeQuestion } from "./native/native-call.js";
import { createNativeRows, type NativeRows } from "./native/native-rows.js";
import { type NativeOptions, wandbOptions } from "./options.js";
import type { RunWriter } from "./run/run-writer.js";
import { startRun, syncHint } from "./run/start-run.js";
import { createSurroundings, type Surroundings } from "./run/surroundings.js";

/** A run with what turns events into its records. */
interface Target {
  readonly run: RunWriter;
  readonly facade: FacadeRows;
  readonly native: NativeRows;
  readonly surroundings: Surroundings;
}

/**
 * Writes a W&B run: a folder `wandb/offline-run-*` with the transaction log and files that the official `wandb sync`
 * uploads.
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
    /** Events of this run that are in its log. */
    let kept = 0;
    let dropped = 0;
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

    return {
      open(description) {
        const run = startRun(options, description, reporter);
        if (run === undefined) return;
        target = {
          run,
          facade: createFacadeRows(run, reporter),
          native: createNativeRows(run, reporter),
          surroundings: createSurroundings(run, reporter),
        };
        context.location(run.directory.syncDir);
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
        target.run.commit();
        kept += events.length;
      },
      writeScalars(columns) {
        if (target === undefined) return;
        target.facade.scalars(columns);
        target.run.commit();
        kept += columns.length;
      },
      flush() {
        target?.facade.flush();
        target?.run.commit();
        target?.run.sync();
      },
      answer: (question) => target?.native.answer(question as NativeQuestion),
      async close(outcome) {
        if (target === undefined) return;
        const { run, native, surroundings } = target;
        await surroundings.settle();
        native.settle();
        run.finish(outcome);
        const { syncDir } = run.directory;
        const { silent, quiet } = run.settings.values;
        return {
          pending: kept - dropped,
          location: syncDir,
          hint: syncHint(run.settings, syncDir),
          quiet: silent === true || quiet === true,
        };
      },
    };
  },
});
