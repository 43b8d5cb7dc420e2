import type { JsonObject, JsonValue } from "../events/event.js";
import { maskParams } from "./secrets.js";

// Names are compared without case and separators, so that batchSize, batch_size and BATCH-SIZE are one.
const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Names of the machinery around a model, never parameters of it. */
const SKIPPED = new Set(
  (
    "this self cls args argv kwargs options i j k x y xs ys data target targets model optimizer loss device cuda cpu " +
    "gpu train test val dataset dataloader experiment run config writer logger tmp temp debug verbose print len " +
    "length range true false none null undefined tensor array df np torch tf pd"
  ).split(" "),
);

/** Names that are parameters whatever they hold. */
const KNOWN = new Set(
  (
    "lr learningrate batchsize epochs numepochs dropout weightdecay momentum alpha beta hiddensize hiddendim numlayers " +
    "numheads temperature threshold gamma eps epsilon patience maxiter nestimators maxdepth minsamplessplit " +
    "minsamplesleaf randomstate seed"
  ).split(" "),
);

/** A name that contains one of these is a parameter whatever it holds. */
const TERMS = (
  "rate size dim layer epoch step decay momentum batch num max min alpha beta gamma threshold temperature patience " +
  "interval factor scale weight depth width kernel stride padding dilation heads attention embed hidden feature channel"
).split(" ");

const LONGEST_LIST = 100;
const DEEPEST = 8;

/**
 * Whether a variable looks like a parameter of a run. In this order: skipped names and names with a leading underscore
 * are none; known names and names with a telling term are, whatever their value; otherwise whole numbers 1 to 10000,
 * fractions 0.0001 to 100, truth values, and texts under 50 characters are.
 */
export function isLikelyParam(name: string, value: unknown): boolean {
  const plain = bare(name);
  if (name.startsWith("_") || SKIPPED.has(plain)) return false;
  if (KNOWN.has(plain) || TERMS.some((term) => plain.includes(term))) return true;
  if (typeof value === "number") {
    return Number.isInteger(value) ? value >= 1 && value <= 10_000 : value >= 1e-4 && value <= 100;
  }
  return typeof value === "boolean" || (typeof value === "string" && value.length < 50);
}

/**
 * Picks the parameters out of an object of variables (JavaScript cannot read a caller's locals, so name them:
 * `captureParams({ lr, batchSize, model })`). Methods of the object's class and inherited members do not count. Values
 * JSON cannot hold become a short text, and secrets are masked.
 *
 * @returns The members that look like parameters, see {@link isLikelyParam}.
 *
 * @example
 * ```ts
 * experiment.logParams(captureParams({ lr: 1e-3, batchSize: 32, model, _cache })); // { lr: 0.001, batchSize: 32 }
 * ```
 */
export function captureParams(variables: object): JsonObject {
  const found = Object.entries(variables).filter(
    ([name, value]) => value !== undefined && isLikelyParam(name, value),
  );
  return maskParams(Object.fromEntries(found.map(([name, value]) => [name, toJson(value, DEEPEST)])));
}

function toJson(value: unknown, depth: number): JsonValue {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return value;
  if (typeof value === "function") return value.name === "" ? "function" : value.name;
  if (typeof value !== "object") return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (Array.isArray(value)) {
    if (depth === 0 || value.length > LONGEST_LIST) return `Array(${value.length})`;
    return value.map((item) => toJson(item, depth - 1));
  }
  if (ArrayBuffer.isView(value)) {
    return "length" in value ? `${value.constructor.name}(${value.length})` : value.constructor.name;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value.constructor?.name ?? "object";
  if (depth === 0) return "object";
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, toJson(member, depth - 1)]),
  );
}

/**
 * Reads command-line arguments as parameters. `--name value`, `--name=value` and `-n value` give a number, a truth
 * value or a text; `--name` alone gives true and `--no-name` false; a name given again gives a list; what stands
 * outside (and all after `--`) is a list under `_`. Names stay as written, and secrets are masked. A word after an
 * option is its value, so put switches last or write `--switch=true`.
 *
 * @param argv Arguments without program and script; default `process.argv.slice(2)`.
 *
 * @example
 * ```ts
 * captureArgs(["--lr", "0.1", "--name=a", "--no-shuffle"]); // { lr: 0.1, name: "a", shuffle: false }
 * ```
 */
export function captureArgs(argv: readonly string[] = process.argv.slice(2)): JsonObject {
  const found = new Map<string, JsonValue[]>();
  const put = (name: string, value: JsonValue): void => {
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  };
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index]!;
    if (argument === "--") {
      for (const rest of argv.slice(index + 1)) put("_", rest);
      break;
    }
    const option = /^--?([A-Za-z_][^=]*)(?:=(.*))?$/s.exec(argument);
    const next = argv[index + 1];
    if (option === null) {
      put("_", typed(argument));
    } else if (option[2] !== undefined) {
      put(option[1]!, typed(option[2]));
    } else if (next !== undefined && !/^--?[A-Za-z_]/.test(next) && next !== "--") {
      put(option[1]!, typed(next));
      index += 1;
    } else if (argument.startsWith("--no-")) {
      put(option[1]!.slice(3), false);
    } else {
      put(option[1]!, true);
    }
  }
  return maskParams(
    Object.fromEntries(
      [...found].map(([name, values]) => [name, name === "_" || values.length > 1 ? values : values[0]!]),
    ),
  );
}

/** Only a number that reads back as the same number is one: `007` and ids of 20 digits are texts. */
function typed(text: string): JsonValue {
  if (text === "true") return true;
  if (text === "false") return false;
  if (!/^[+-]?(0|[1-9]\d*)?(\.\d*)?(e[+-]?\d+)?$/i.test(text) || !/\d/.test(text)) return text;
  const value = Number(text);
  const exact =
    Number.isInteger(value) && !/[.e]/i.test(text) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return exact ? value : text;
}
