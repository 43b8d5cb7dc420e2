import { defineBackend } from "../../src/backend/contract.js";
import type { Event, JsonObject } from "../../src/events/event.js";
import { describe, flatten, oneLine, printable } from "./describe.js";
import { createLayout, formatNumber, type Pair } from "./layout.js";
import type { ConsoleOptions } from "./options.js";
import { openTerminal } from "./terminal.js";

const ONE_LINE = "printed as one line that describes it";

/**
 * Prints what is logged: one aligned line a step for scalars, parameters and summaries as names and values, text as it
 * is, and one short line for everything else. Lines of a step that arrive in two batches stay two lines. What the
 * script itself printed is on the terminal already and is not repeated.
 *
 * @example
 * ```ts
 * tracelet.startLogging("console", { config: { every: 100 } });
 * ```
 */
export const backend = defineBackend<ConsoleOptions>({
  name: "console",
  sharedWriters: true, // each process prints its own lines
  adapted: {
    histogram: ONE_LINE,
    histogramRaw: ONE_LINE,
    tensor: ONE_LINE,
    image: ONE_LINE,
    figure: ONE_LINE,
    audio: ONE_LINE,
    video: ONE_LINE,
    mesh: ONE_LINE,
    embedding: ONE_LINE,
    prCurve: ONE_LINE,
    prCurveRaw: ONE_LINE,
    graph: ONE_LINE,
    layout: ONE_LINE,
    table: ONE_LINE,
    artifact: ONE_LINE,
    environment: "its first level is printed",
    console: "on the terminal already, not printed again",
  },
  create(options) {
    const terminal = openTerminal(options.stream ?? "stdout", options.width);
    const layout = createLayout(terminal.width, terminal.colors);
    const every = options.every ?? 1;

    return {
      open(run) {
        const name: Pair[] = run.name === undefined ? [] : [["name", oneLine(run.name)]];
        const who: Pair[] = [["project", oneLine(run.project)], ...name, ["id", oneLine(run.id)]];
        terminal.print(layout.pairs("run", who));
      },
      write(events) {
        terminal.print(printEvents(events, every, layout.pairs));
      },
      close(outcome) {
        const reason: Pair[] = outcome.reason === undefined ? [] : [["reason", oneLine(outcome.reason)]];
        try {
          terminal.print(layout.pairs(outcome.status, [["exit code", String(outcome.exitCode)], ...reason]));
        } catch {
          // Its reader may have left (`| head`); what was printed before stays printed.
        }
      },
    };
  },
});

/** Text of a batch: scalars of one step are collected until another step, a tag seen before, or another kind comes. */
function printEvents(
  events: readonly Event[],
  every: number,
  line: (head: string, pairs: readonly Pair[]) => string,
): string {
  let text = "";
  let row = new Map<string, string>();
  let rowStep: number | undefined;
  const endRow = (): void => {
    if (row.size > 0) text += line(headOf(rowStep), [...row]);
    row = new Map();
  };
  const add = (step: number | undefined, tag: string, value: number): void => {
    const name = oneLine(tag);
    if (step !== rowStep || row.has(name)) endRow();
    rowStep = step;
    row.set(name, formatNumber(value));
  };

  for (const event of events) {
    const { step } = event;
    if (event.kind === "scalar" || event.kind === "row") {
      if (step !== undefined && step % every !== 0) continue;
      if (event.kind === "scalar") add(step, event.tag, event.value);
      else
        event.tags.forEach((tag, index) => {
          add(step, event.mainTag === undefined ? tag : `${event.mainTag}/${tag}`, event.values[index]!);
        });
      continue;
    }
    if (event.kind === "console" || event.kind === "finish") continue;
    endRow();
    text += printOther(event, line);
  }
  endRow();
  return text;
}

function headOf(step: number | undefined): string {
  return step === undefined ? "no step" : `step ${step}`;
}

function printOther(
  event: Exclude<Event, { kind: "scalar" | "row" | "console" | "finish" }>,
  line: (head: string, pairs: readonly Pair[]) => string,
): string {
  const at = event.step === undefined ? "" : `  step ${event.step}`;
  switch (event.kind) {
    case "params":
      return line("params", flatten(event.params));
    case "summary":
      return line("summary", flatten(event.values));
    case "system":
      return line("system", flatten(event.values));
    case "environment":
      return line("environment", flatten(firstLevel(event.environment)));
    case "hparams":
      return line("hparams", flatten({ ...event.hparams, ...event.metrics }));
    case "text":
      return `${event.kind.padEnd(11)}  ${oneLine(event.tag)}${at}\n${indent(printable(event.text))}\n`;
    default: {
      const name = "tag" in event ? event.tag : "name" in event ? event.name : "";
      const words = [event.kind.padEnd(11), oneLine(name), describe(event)].filter((word) => word !== "");
      return `${words.join("  ")}${at}\n`;
    }
  }
}

/** Packages and variables would fill the screen. */
function firstLevel(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => typeof value !== "object"));
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
