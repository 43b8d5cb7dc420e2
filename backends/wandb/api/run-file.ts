import { createHash } from "node:crypto";
import { lstat, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { temporaryBeside } from "../artifacts/download/cache.js";
import { fetchParts, fetchStream, isLarge } from "../artifacts/download/fetch-file.js";
import { checkPaths, ignoresCase, type TargetFolder, targetFolder } from "../artifacts/download/safe-path.js";
import { type Locate, type TransferContext, WrongContent } from "../artifacts/download/transfer.js";
import { operation } from "../server/graphql.js";
import { type ConnectionAnswer, type PageOptions, type Pages, pagesOf } from "./pages.js";
import type { ItemPath } from "./paths.js";
import { type ApiSession, notFound } from "./session.js";

/** What the server tells of a file of a run. */
export interface FileRecord {
  readonly id: string;
  readonly name: string;
  readonly url: string | null;
  readonly directUrl: string | null;
  readonly sizeBytes: number | string;
  readonly mimetype: string | null;
  readonly updatedAt: string | null;
  readonly md5: string | null;
}

/** Which files of a run are listed. */
export interface FilesOptions extends PageOptions {
  /** SQL LIKE: `%` stands for any text, `_` for one character. */
  readonly pattern?: string | undefined;
  /** Exact names. */
  readonly names?: readonly string[] | undefined;
}

/** Where a file of a run is written. */
export interface FileDownloadOptions {
  /** Folder that the file's path is made in. Default: the working directory. */
  readonly root?: string | undefined;
  /** Replaces a file that is there. Default false: that is an error. */
  readonly replace?: boolean | undefined;
  /** Leaves a file that is there as it is, without an error. Default false. */
  readonly existOk?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const RUN_FILES =
  operation(`query RunFiles($project: String!, $entity: String!, $name: String!, $fileCursor: String,
    $fileLimit: Int = 50, $fileNames: [String] = [], $pattern: String) {
  project(name: $project, entityName: $entity) { run(name: $name) {
    fileCount
    files(names: $fileNames, after: $fileCursor, first: $fileLimit, pattern: $pattern) {
      edges { node { id name url directUrl sizeBytes mimetype updatedAt md5 } cursor }
      pageInfo { endCursor hasNextPage }
    } } } }`);
const DELETE_FILES = operation(`mutation deleteFiles($files: [ID!]!) {
  deleteFiles(input: {files: $files}) { success } }`);

interface FilesAnswer {
  readonly project: {
    readonly run: { readonly fileCount: number; readonly files: ConnectionAnswer<FileRecord> } | null;
  } | null;
}

/** The files of a run. */
export function runFiles(session: ApiSession, path: ItemPath, options: FilesOptions): Pages<ApiFile> {
  const { pattern, names = [] } = options;
  const ask = async (fileLimit: number, fileCursor: string | undefined) => {
    const variables = { ...path, fileLimit, fileCursor, fileNames: names, pattern };
    const { project } = await session.query<FilesAnswer>(RUN_FILES, variables);
    if (!project?.run) throw notFound(`run ${path.entity}/${path.project}/${path.name}`);
    return project.run;
  };
  const isAll = pattern === undefined && names.length === 0;
  return pagesOf(
    async (first, cursor) => (await ask(first, cursor)).files,
    (record: FileRecord) => new ApiFile(session, path, record),
    options,
    isAll ? async () => (await ask(1, undefined)).fileCount : undefined,
  );
}

/** One file of a run; undefined when there is none. */
export async function findRunFile(
  session: ApiSession,
  path: ItemPath,
  name: string,
): Promise<ApiFile | undefined> {
  // A name that is asked for as such is answered with a place to upload it to, whether it exists or not.
  for await (const file of runFiles(session, path, { pattern: name })) if (file.name === name) return file;
  return undefined;
}

/**
 * A file of a run on the server.
 *
 * @example
 * ```ts
 * const file = await run.file("model.onnx");
 * const path = await file.download({ root: "models", replace: true });
 * ```
 */
export class ApiFile {
  /** Path in the run, with forward slashes. As the server says it: `download` checks it. */
  readonly name: string;
  /** The server's id of the file. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Type of the content, such as `text/plain`. */
  readonly mimetype: string | undefined;
  /** Time of the last change, as ISO 8601. */
  readonly updatedAt: string | undefined;
  /** Base64; undefined when the object store did not tell. */
  readonly md5: string | undefined;
  readonly #session: ApiSession;
  readonly #run: ItemPath;
  readonly #record: FileRecord;

  /** @internal */
  constructor(session: ApiSession, run: ItemPath, record: FileRecord) {
    this.name = record.name;
    this.id = record.id;
    this.size = Number(record.sizeBytes);
    this.mimetype = record.mimetype ?? undefined;
    this.updatedAt = record.updatedAt ?? undefined;
    this.md5 = record.md5 || undefined;
    this.#session = session;
    this.#run = run;
    this.#record = record;
  }

  /**
   * Downloads the file and gives its path (Python: `File.download`). The file is there whole or not at all.
   *
   * @throws TraceletError `invalid-file` when the server's name of it leads out of the folder, or when what arrives has
   * another size than it says; `invalid-value` when there is a file already; `backend-failed` when the server refuses
   */
  async download(options: FileDownloadOptions = {}): Promise<string> {
    const root = resolve(options.root ?? ".");
    const folder = targetFolder(root);
    checkPaths([this.name], `The run ${this.#run.name}`, () => ignoresCase(root));
    return this.downloadInto(folder, options);
  }

  /** @internal */
  async downloadInto(folder: TargetFolder, options: FileDownloadOptions): Promise<string> {
    const { replace = false, existOk = false, signal } = options;
    const target = folder.place(this.name);
    if (!replace && (await lstat(target).catch(() => undefined)) !== undefined) {
      if (existOk) return target;
      throw new TraceletError("invalid-value", `${target} exists; pass { replace: true } to replace it.`, {
        backend: "wandb",
      });
    }
    const { http } = await this.#session.connection();
    const context: TransferContext = { http, policy: await this.#session.transferPolicy(), signal };
    try {
      await this.#fetch(context, target, this.#record, false).catch(async (error: unknown) => {
        if (!(error instanceof WrongContent)) throw error;
        // A run that goes on may have changed it since the list was made.
        await this.#fetch(context, target, await this.#renewed(), true);
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TraceletError) throw error;
      const code = error instanceof WrongContent ? "invalid-file" : "backend-failed";
      const what = JSON.stringify(this.name);
      throw new TraceletError(
        code,
        `Cannot download ${what} of run ${this.#run.name}: ${messageOf(error)}.`,
        {
          backend: "wandb",
          cause: error,
        },
      );
    }
    return target;
  }

  /** Deletes the file on the server (Python: `File.delete`). */
  async delete(): Promise<void> {
    await this.#session.query(DELETE_FILES, { files: [this.id] });
  }

  async #fetch(context: TransferContext, target: string, record: FileRecord, fresh: boolean): Promise<void> {
    const locate: Locate = async (again) => sourceOf(again && !fresh ? await this.#renewed() : record);
    const size = Number(record.sizeBytes);
    let fetched: string;
    if (isLarge(size)) {
      // Not by its MD5: what object stores give as such is something else for files in parts or with keys of one's own.
      const identity = [record.id, record.name, record.updatedAt, size].join("\n");
      const key = `.${createHash("sha256").update(identity).digest("hex").slice(0, 32)}`;
      fetched = (await fetchParts(context, locate, { folder: dirname(target), key, size })).path;
    } else {
      fetched = temporaryBeside(target);
      await fetchStream(context, locate, fetched, { size });
    }
    try {
      await rename(fetched, target);
    } catch (error) {
      await rm(fetched, { force: true });
      throw error;
    }
  }

  async #renewed(): Promise<FileRecord> {
    const found = await findRunFile(this.#session, this.#run, this.name);
    if (found === undefined)
      throw notFound(`file ${JSON.stringify(this.name)} in run ${this.#run.name} any more`);
    return found.#record;
  }
}

/** A signed address, or one below the API, which takes the key. */
function sourceOf({ directUrl, url, name }: FileRecord) {
  if (directUrl) return { url: directUrl, anonymous: !directUrl.startsWith("/") };
  if (url) return { url, anonymous: false };
  throw new TraceletError("backend-failed", `The server gives no address for ${JSON.stringify(name)}.`, {
    backend: "wandb",
  });
}
