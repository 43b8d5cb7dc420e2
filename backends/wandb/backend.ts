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
    let run: RunWriter;
    let facade: FacadeRows;
    let native: NativeRows;
    let surroundings: Surroundings;
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

    const apply = (event: Event): void => {
      if (event.kind === "environment") surroundings.environment(event);
      else if (event.kind === "system") surroundings.system(event);
      else if (event.kind === "native") native.call(event as NativeEvent);
      else if (event.kind === "row" && options.native !== undefined) native.row(event);
      else facade.event(event);
    };

    /** One bad event does not take the others of its batch with it. */
    const applyKept = (event: Event): void => {
      try {
        apply(maskEvent(event));
      } catch (error) {
        const reason = error instanceof Error ? error.message.split("\n", 1)[0]! : String(error);
        reporter.drop(1, reason);
        context.warn(`${event.kind}: ${reason}`);
      }
    };

    return {
      open(description) {
        run = startRun(options, description, reporter);
        facade = createFacadeRows(run, reporter);
        native = createNativeRows(run, reporter);
        surroundings = createSurroundings(run, reporter);
        context.location(run.directory.syncDir);
      },
      write(events) {
        for (let i = 0; i < events.length; i++) {
          const event = events[i]!;
          if (event.kind !== "console") {
            applyKept(event);
            continue;
          }
          const lines: ConsoleEvent[] = [event];
          for (let next = events[i + 1]; next?.kind === "console"; next = events[i + 1]) {
            lines.push(next);
            i++;
          }
          surroundings.console(lines);
        }
        run.commit();
        kept += events.length;
      },
      writeScalars(columns) {
        facade.scalars(columns);
        run.commit();
        kept += columns.length;
      },
      flush() {
        facade.flush();
        run.commit();
        run.sync();
      },
      answer: (question) => native.answer(question as NativeQuestion),
      async close(outcome) {
        await surroundings.settle();
        native.settle();
        run.finish(outcome);
        const { syncDir } = run.directory;
        return { pending: kept - dropped, location: syncDir, hint: syncHint(run.settings, syncDir) };
      },
    };
  },
});
