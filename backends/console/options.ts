import type { StandardSchema } from "../../src/settings/standard-schema.js";
import { gte, int, oneOf, optional, strictObject } from "../../src/settings/zod.js";

/** Options of the `console` backend. */
export interface ConsoleOptions {
  /** Where to print. Default `"stdout"`. */
  readonly stream?: "stdout" | "stderr" | undefined;
  /** Print scalars of every n-th step only (0, n, 2n ...); those without a step are all printed. Default 1. */
  readonly every?: number | undefined;
  /** Columns to break lines at. Default: the terminal's, 100 when it does not say; no breaks outside a terminal. */
  readonly width?: number | undefined;
}

export const consoleOptions: StandardSchema<ConsoleOptions> = strictObject({
  stream: optional(oneOf(["stdout", "stderr"])),
  every: optional(int().check(gte(1))),
  width: optional(int().check(gte(20))),
});
