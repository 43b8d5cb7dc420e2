import { join } from "node:path";
import type { HparamValue, JsonObject, Outcome } from "../../src/events/event.js";
import { cellText, flatten, markdownTable, toJson } from "./markdown.js";
import type { ValueMessage } from "./messages.js";
import { writeWhole } from "./run-folder.js";
import { sessionEndValue, sessionStartValue } from "./summaries/hparams.js";
import { textValue } from "./summaries/text.js";

/**
 * The run as a row of TensorBoard's HParams page: its parameters as hyperparameters, beside which TensorBoard puts the
 * run's scalars by itself. It takes the parameters of a run once, so they are collected until the first other event.
 */
export interface Session {
  /** Adds parameters; gives what shows all of them as text. They are kept in `params.json` too. */
  addParams(params: JsonObject): ValueMessage;
  /** Whether parameters wait to be written as hyperparameters. */
  readonly isWaiting: boolean;
  /** The hyperparameters that wait. */
  start(): ValueMessage;
  /** How the run ended, if it had hyperparameters; only the first call gives it. */
  end(status: Outcome["status"]): ValueMessage | undefined;
}

function hparamOf(value: JsonObject[string]): HparamValue {
  return typeof value === "object" && value !== null ? cellText(value) : (value as HparamValue);
}

/** Deep merge: what came later replaces what it names and leaves the rest. */
function merge(before: JsonObject, later: JsonObject): JsonObject {
  const isObject = (value: unknown): value is JsonObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const merged = Object.entries(later).map(([key, value]) => {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    return [key, isObject(old) && isObject(value) ? merge(old, value) : value] as const;
  });
  return { ...before, ...Object.fromEntries(merged) };
}

/** The session of the run, with its file in `folder`; of the writers of one run only the primary has a row. */
export function createSession(folder: string, primary: boolean): Session {
  let params: JsonObject = {};
  let state: "empty" | "waiting" | "started" | "ended" = primary ? "empty" : "ended";
  return {
    get isWaiting() {
      return state === "waiting";
    },
    addParams(more) {
      params = merge(params, more);
      if (state === "empty") state = "waiting";
      writeWhole(join(folder, "params.json"), `${toJson(params, 2)}\n`);
      return textValue("params", markdownTable(["name", "value"], flatten(params)));
    },
    start() {
      state = "started";
      return sessionStartValue(
        Object.fromEntries(flatten(params).map(([name, value]) => [name, hparamOf(value)])),
      );
    },
    end(status) {
      if (state !== "started") return undefined;
      state = "ended";
      return sessionEndValue(status);
    },
  };
}
