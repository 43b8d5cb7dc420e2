/** Runs one TypeScript half of the differential suite in its own process: `tsx run-script.ts <script> <run id>`. */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as wandb from "tracelet/wandb";
import type { ScriptContext } from "./script-context.js";

const [, , script, runId] = process.argv as unknown as [string, string, string, string];
const folder = process.cwd();
const context: ScriptContext = { folder, fixtures: join(folder, "fixtures"), runId };
// What the run records of its script is the half, as for the Python one.
process.argv.splice(1, 3, resolve(script));
const half = (await import(pathToFileURL(resolve(script)).href)) as {
  default(sdk: typeof wandb, given: ScriptContext): Promise<void>;
};
await half.default(wandb, context);
