import { join } from "node:path";
import { type Backend, type BackendContext, defineBackend } from "../../src/backend/contract.js";
import { messageOf } from "../../src/errors.js";
import type { Event } from "../../src/events/event.js";
import { keepArtifact } from "./artifacts.js";
import { endSession, keepEvent, type OpenRun, startSession, tagsValue } from "./keep-event.js";
import { resolveLogDir } from "./log-dir.js";
import type { TensorBoardOptions } from "./options.js";
import { openRunLog } from "./run-log.js";
import { createSession } from "./session.js";

/** A batch is handed over at this size even in the middle of a call. */
const BATCH_BYTES = 1 << 20;

function createBackend(options: TensorBoardOptions, context: BackendContext): Backend {
  let run: OpenRun;
  /** Events in the batch, not yet with the operating system. */
  let waiting = 0;

  const drop = (count: number, error: unknown) => {
    if (count === 0) return;
    context.drop(count, messageOf(error));
  };

  const handOver = () => {
    try {
      run.log.write();
    } catch (error) {
      drop(waiting, error);
    }
    waiting = 0;
  };

  const writeFrom = (events: readonly Event[], start: number): void | Promise<void> => {
    for (let i = start; i < events.length; i++) {
      const event = events[i]!;
      if (event.kind === "artifact") {
        handOver(); // other runs use the batch while the copy is made
        return keepArtifact(run.files, event)
          .catch((error: unknown) => drop(1, error))
          .then(() => writeFrom(events, i + 1));
      }
      try {
        keepEvent(run, event);
        waiting++;
      } catch (error) {
        drop(1, error);
      }
      if (run.log.pendingBytes >= BATCH_BYTES) handOver();
    }
    handOver();
  };

  return {
    open(description) {
      const { startTime, params, tags, rank } = description;
      const folder = resolveLogDir(options, description);
      const label = rank?.shared ? rank.label : undefined;
      const speaks = rank?.primary ?? true;
      const log = openRunLog(folder, {
        filenameSuffix: options.filenameSuffix ?? (label === undefined ? undefined : `.${label}`),
        purgeStep: options.purgeStep,
        onRemoved: () => context.warn(`${folder} was removed while it was written; what it held is gone.`),
      });
      // What stands in files is the primary's; each other writer has a folder for its own.
      const files = speaks ? folder : join(folder, label ?? description.id);
      run = { log, files, session: createSession(files, speaks), startTime, summary: {}, label };
      if (speaks && Object.keys(params).length > 0)
        log.values([run.session.addParams(params)], { wallTime: startTime });
      if (speaks && tags.length > 0) log.values([tagsValue(tags)], { wallTime: startTime });
      log.write();
      context.location(folder);
    },
    write: (events) => writeFrom(events, 0),
    writeScalars(columns) {
      waiting += columns.length;
      startSession(run, columns.wallTimes[0] ?? run.startTime);
      run.log.scalars(columns);
      handOver();
    },
    flush() {
      startSession(run, Date.now() / 1000);
      handOver();
      run.log.sync();
    },
    close(outcome) {
      endSession(run, outcome, Date.now() / 1000);
      handOver();
      run.log.close();
    },
  };
}

/** Logs into TensorBoard event files, and into files beside them for what TensorBoard has no form for. */
export const backend = defineBackend<TensorBoardOptions>({
  name: "tensorboard",
  sharedWriters: true,
  adapted: {
    scalar: "stored as float32, the only number that both of TensorBoard's readers show",
    image: "files of other formats than PNG, JPEG, GIF and BMP stand in `images/`, named by a text",
    figure:
      "PNG, JPEG, GIF and BMP are images; SVG, Vega and Plotly stand in `figures/`, shown as source text",
    video: "an animated GIF; files of other formats stand in `videos/`, named by a text",
    table: "the first 100 rows as text, all of them as CSV in `tables/`",
    params: "a row of the HParams page (what is logged before the first scalar), a text and `params.json`",
    summary: "a text, `summary.json`, and numbers as scalars under `summary/`",
    tags: "a text",
    artifact: "copied to `artifacts/` and noted in `artifacts.jsonl`; an address is noted only",
    console: "appended to `console.log`",
    system: "scalars under `system/`, with the seconds since the start as steps",
    environment: "a text and `environment.json`",
    finish: "the status on the HParams page, for runs with params",
  },
  create: createBackend,
});
