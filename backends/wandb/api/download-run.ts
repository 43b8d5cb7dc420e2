import { rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { temporaryBeside } from "../artifacts/download/cache.js";
import { inParallel } from "../artifacts/download/in-parallel.js";
import {
  checkPaths,
  ignoresCase,
  pathFlaw,
  type TargetFolder,
  targetFolder,
} from "../artifacts/download/safe-path.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { Api } from "./api.js";
import type { ApiRun } from "./run.js";
import type { ApiOptions } from "./session.js";

/** Where `downloadRun` writes, what it leaves out, and with which key it reads. */
export interface DownloadRunOptions extends ApiOptions {
  /** Folder for everything; what is in it is overwritten. Default `<folder for temporary files>/wandb_runs/<id>`. */
  readonly path?: string | undefined;
  /** Writes `metrics_history.json` with every row. Default true. */
  readonly includeHistory?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A server whose list of files has no end is left off. */
const MOST_FILES = 1_000_000;
/** Files at a time. */
const AT_ONCE = 8;
/** Rows in one piece of the history that is written. */
const ROWS_AT_ONCE = 1000;

/**
 * Downloads a run: its files, `config.json`, `summary.json` (unless it is empty) and `metrics_history.json` (unless it is
 * empty, or `includeHistory` is false) with all rows, not a sample. NaN and infinities are bare tokens, as in W&B's own
 * files. Where the run has a file of such a name itself, `run-` stands before it: `run-config.json`.
 *
 * @param id `entity/project/id`, `project/id` or `id`
 * @returns the folder, absolute
 * @throws TraceletError that says what failed: creating the folder, the API key, finding the run, a file, the summary, the
 * configuration or the history
 *
 * @example
 * ```ts
 * const folder = await wandb.downloadRun("team/project/abc12345", { path: "runs/abc12345" });
 * ```
 */
export async function downloadRun(id: string, options: DownloadRunOptions = {}): Promise<string> {
  const { path, includeHistory = true, signal, ...apiOptions } = options;
  const run = await new Api(apiOptions).run(id);
  signal?.throwIfAborted();
  const root = resolve(path ?? join(tmpdir(), "wandb_runs", folderName(run.id)));
  const folder = openFolder(root);

  const names = await downloadFiles(run, folder, signal);
  // Of a file system that takes `Config.json` for the same, too.
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const place = (name: string): string => (taken.has(name) ? place(`run-${name}`) : join(root, name));
  await write(place("config.json"), "the configuration", [encodeJson(run.config)]);
  if (Object.keys(run.summary).length > 0) {
    await write(place("summary.json"), "the summary", [encodeJson(run.summary)]);
  }
  if (includeHistory && (await run.lastHistoryStep()) >= 0) {
    await write(place("metrics_history.json"), "the history", historyPieces(run, signal));
  }
  return root;
}

/** The run id names a folder below the one for temporary files, and comes from a caller who may have it from anywhere. */
function folderName(id: string): string {
  const flaw = id.includes("/") ? "has a slash" : pathFlaw(id);
  if (flaw === undefined) return id;
  throw new TraceletError(
    "invalid-value",
    `The run id ${JSON.stringify(id)} cannot be a folder's name: it ${flaw}. Choose a path.`,
    { backend: "wandb" },
  );
}

function openFolder(root: string): TargetFolder {
  try {
    return targetFolder(root);
  } catch (cause) {
    throw new TraceletError(
      "invalid-option",
      `Cannot create the folder ${root}: ${messageOf(cause)}. Choose another path.`,
      { backend: "wandb", cause },
    );
  }
}

async function downloadFiles(
  run: ApiRun,
  folder: TargetFolder,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const files = await run.files({ perPage: 200, limit: MOST_FILES + 1 }).toArray();
  if (files.length > MOST_FILES) {
    throw new TraceletError("invalid-file", `The run ${run.path} has more than ${MOST_FILES} files.`, {
      backend: "wandb",
    });
  }
  const names = files.map(({ name }) => name);
  checkPaths(names, `The run ${run.path}`, () => ignoresCase(folder.root));
  await inParallel(files, AT_ONCE, signal, async (file, both) => {
    await file.downloadInto(folder, { replace: true, signal: both });
  });
  return names;
}

/** Writes a file whole or not at all. */
async function write(
  target: string,
  what: string,
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<void> {
  const temporary = temporaryBeside(target);
  try {
    await writeFile(temporary, pieces, { flag: "wx" });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof TraceletError) throw error;
    throw new TraceletError("backend-failed", `Cannot write ${what} to ${target}: ${messageOf(error)}.`, {
      backend: "wandb",
      cause: error,
    });
  }
}

/** A JSON array, one row a line. */
async function* historyPieces(run: ApiRun, signal: AbortSignal | undefined): AsyncGenerator<string> {
  let piece = "[";
  let rows = 0;
  for await (const row of run.scanHistory()) {
    signal?.throwIfAborted();
    piece += `${rows === 0 ? "\n" : ",\n"}${encodeJson(row as LoggedValue)}`;
    rows += 1;
    if (rows % ROWS_AT_ONCE === 0) {
      yield piece;
      piece = "";
    }
  }
  yield `${piece}\n]\n`;
}
