import { isDeepStrictEqual } from "node:util";
import { maskParams } from "../../../src/collectors/secrets.js";
import { TraceletError } from "../../../src/errors.js";
import type { JsonObject } from "../../../src/events/event.js";
import { checkJsonObject } from "../../../src/events/json.js";
import { checkConfig, type WandbConfig } from "./config.js";

/** The variable that carries a context to another process, as JSON. */
const VARIABLE = "TRACELET_CONTEXT";

/**
 * A context as the variable that carries it to another process. Settings that hold secrets stay behind, and secrets among
 * the run's inputs are masked as they are in the run.
 *
 * @throws TraceletError `invalid-value` naming what cannot stand in JSON
 */
export function writeContext(config: WandbConfig): { TRACELET_CONTEXT: string } {
  const plain = checkJsonObject(config, "contextToEnv()");
  checkNumbers(plain, "contextToEnv()");
  const { settings, ...masked } = maskParams(plain);
  const open = Object.entries(settings ?? {}).filter(([name, value]) =>
    isDeepStrictEqual(value, (plain["settings"] as JsonObject)[name]),
  );
  const wandb = open.length === 0 ? masked : { ...masked, settings: Object.fromEntries(open) };
  return { [VARIABLE]: JSON.stringify({ wandb }) };
}

/**
 * The context that another process has handed over in `TRACELET_CONTEXT`; an empty one when there is none. A process starts
 * in this context by itself: this is for contexts that come another way, as in the description of a job.
 *
 * @param env variables to read; default `process.env`
 * @throws TraceletError `invalid-option` when the variable does not hold a context
 *
 * @example
 * ```ts
 * await wandb.withWandbConfig(wandb.contextFromEnv(job.env), () => train());
 * ```
 */
export function contextFromEnv(env: NodeJS.ProcessEnv = process.env): WandbConfig {
  const text = env[VARIABLE];
  if (text === undefined || text === "") return {};
  const config = checkConfig(parse(text), VARIABLE);
  // A task that was handed over may have children in further processes, as its parent has.
  return config.task === undefined ? config : { execution: "remote", ...config };
}

function parse(text: string): WandbConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const config = (value as { wandb?: unknown } | null | undefined)?.wandb ?? {};
  if (typeof value === "object" && value !== null && typeof config === "object") return config as WandbConfig;
  throw new TraceletError(
    "invalid-option",
    `${VARIABLE} does not hold what contextToEnv() has made. Unset it, or start this process with contextToEnv().`,
    { backend: "wandb" },
  );
}

/** JSON would turn NaN and infinities into null. */
function checkNumbers(value: unknown, where: string): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TraceletError("invalid-value", `${where} is ${value}, which JSON cannot carry.`, {
      backend: "wandb",
    });
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) checkNumbers(item, `${where}.${key}`);
}
