import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { list, maybe, object, text } from "../server/answer-shape.js";
import { type Graphql, operation } from "../server/graphql.js";
import type { Http } from "../server/http.js";
import { FILE_STREAM_RETRY, RequestError, type RetryPolicy, TRANSFER_RETRY } from "../server/retry.js";
import { uploadFile } from "../server/upload.js";
import { type FoundFile, findRunFile } from "./run-file-path.js";

const CREATE_RUN_FILES = operation(
  `
  mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
    createRunFiles(input: { entityName: $entity, projectName: $project, runName: $run, files: $files }) {
      runID
      uploadHeaders
      files { name uploadUrl }
    }
  }`,
  {
    createRunFiles: object({
      uploadHeaders: maybe(list(text)),
      files: list(object({ name: text, uploadUrl: maybe(text) })),
    }),
  },
);

interface CreatedRunFiles {
  readonly createRunFiles: {
    readonly uploadHeaders: readonly string[] | null;
    readonly files: readonly { readonly name: string; readonly uploadUrl: string | null }[];
  };
}

/** How often a file gets a new address when its upload did not succeed. */
const MOST_ADDRESSES = 4;

export interface RunFileUploadOptions {
  readonly http: Http;
  readonly graphql: Graphql;
  readonly entity: string;
  readonly project: string;
  /** The run's id, which the server calls its name. */
  readonly runId: string;
  /** Absolute path of the run's `files/`. */
  readonly filesDir: string;
  /** Another folder whose files stand in for those of the same names. */
  readonly writtenDir?: string | undefined;
  /** Whether links out of `filesDir` are this run's own: only true while it runs. `same-owner`: those to files of who made
   * the link. Default false. */
  readonly ownLinks?: boolean | "same-owner";
  /** Of the transfers; default `TRANSFER_RETRY`. */
  readonly policy?: RetryPolicy;
  /** Of the query for addresses; default as that of the file stream, so that files survive an outage as lines do. */
  readonly queryPolicy?: RetryPolicy;
  /** Once aborted, no wait for another attempt is longer than a second. */
  readonly hurry?: AbortSignal | undefined;
  /** Ends all at once. */
  readonly signal?: AbortSignal | undefined;
  /** A request did not succeed and will be sent again. */
  onTrouble(problem: string, status: number): void;
}

/** What became of a file; `same`: its content is at the server already. */
export type RunFileOutcome = "uploaded" | "same" | { readonly failure: unknown };

/** Uploads run files. */
export interface RunFileUpload {
  /** Tells the outcome of each file once. Never rejects. */
  (names: readonly string[], tell: (name: string, outcome: RunFileOutcome) => void): Promise<void>;
  /** Whether a file is another one than when its upload last began; false when it is not there. */
  hasChanged(name: string): Promise<boolean>;
}

export function createRunFileUpload(options: RunFileUploadOptions): RunFileUpload {
  const {
    http,
    graphql,
    filesDir,
    writtenDir,
    ownLinks = false,
    policy = TRANSFER_RETRY,
    signal,
    hurry,
  } = options;
  const retry = {
    signal,
    hurry,
    onRetry: (problem: string, status: number) => options.onTrouble(problem, status),
  };
  /** Of each file: its version when its upload last began, and the MD5 of what is at the server. */
  const versions = new Map<string, string>();
  const digests = new Map<string, { readonly version: string; readonly md5: string }>();

  const find = (name: string): Promise<FoundFile> => {
    const own = () => findRunFile(filesDir, name, ownLinks);
    return writtenDir === undefined ? own() : findRunFile(writtenDir, name, false).catch(own);
  };

  /** An address for each name, in their order. */
  const askAddresses = async (names: readonly string[]): Promise<(Target | Error)[]> => {
    const { createRunFiles } = await graphql.query<CreatedRunFiles>(
      CREATE_RUN_FILES,
      { entity: options.entity, project: options.project, run: options.runId, files: names },
      { policy: options.queryPolicy ?? FILE_STREAM_RETRY, ...retry },
    );
    const { files, uploadHeaders } = createRunFiles;
    if (files.length !== names.length) {
      throw new Error(`the server gave addresses for ${files.length} of ${names.length} files`);
    }
    const urls = new Map(files.map(({ name, uploadUrl }) => [name, uploadUrl]));
    return names.map((name) => {
      const url = urls.get(name);
      if (url === null || url === undefined) return new Error("the server gave no address to upload it to");
      return { url, headers: uploadHeaders ?? [] };
    });
  };

  /** The file as it is sent; undefined when its content is at the server already. */
  const prepare = async (name: string): Promise<Prepared | undefined> => {
    const file = await find(name);
    versions.set(name, file.version);
    const there = digests.get(name);
    if (there?.version === file.version) return undefined;
    const md5 = await digestOf(file);
    if (there?.md5 !== md5) return { file, md5 };
    digests.set(name, { version: file.version, md5 });
    return undefined;
  };

  const send = async (name: string, prepared: Prepared, target: Target): Promise<RunFileOutcome> => {
    for (let addresses = 1; ; addresses++) {
      const { file, md5 } = prepared;
      try {
        await uploadFile(http, { ...target, ...retry, path: file.path, size: file.size, policy });
        // A file that was written meanwhile may have arrived in a state between the two.
        const isSame = (await find(name).catch(() => undefined))?.version === file.version;
        if (isSame) digests.set(name, { version: file.version, md5 });
        else digests.delete(name);
        return "uploaded";
      } catch (error) {
        signal?.throwIfAborted();
        // The address may have expired, and the file may have changed: a fresh look at both may help whatever was said.
        if (addresses === MOST_ADDRESSES || !(error instanceof RequestError)) throw error;
        options.onTrouble(error.message, error.status);
      }
      const again = await prepare(name);
      if (again === undefined) return "same";
      const [fresh] = await askAddresses([name]);
      if (!fresh || fresh instanceof Error) throw fresh;
      prepared = again;
      target = fresh;
    }
  };

  const upload = async (
    names: readonly string[],
    tell: (name: string, outcome: RunFileOutcome) => void,
  ): Promise<void> => {
    const failed = (failure: unknown): RunFileOutcome => ({ failure });
    const files = new Map<string, Prepared>();
    await Promise.all(
      names.map(async (name) => {
        try {
          const prepared = await prepare(name);
          if (prepared === undefined) tell(name, "same");
          else files.set(name, prepared);
        } catch (failure) {
          tell(name, failed(failure));
        }
      }),
    );
    if (files.size === 0) return;
    const toSend = names.filter((name) => files.has(name));
    const targets = await askAddresses(toSend).catch((error: Error) => toSend.map(() => error));
    await Promise.all(
      toSend.map(async (name, index) => {
        const target = targets[index]!;
        const isTarget = !(target instanceof Error);
        tell(name, isTarget ? await send(name, files.get(name)!, target).catch(failed) : failed(target));
      }),
    );
  };

  return Object.assign(upload, {
    async hasChanged(name: string) {
      const file = await find(name).catch(() => undefined);
      return file !== undefined && file.version !== versions.get(name);
    },
  });
}

interface Target {
  readonly url: string;
  readonly headers: readonly string[];
}

interface Prepared {
  readonly file: FoundFile;
  /** base64 */
  readonly md5: string;
}

async function digestOf({ path, size }: FoundFile): Promise<string> {
  const hash = createHash("md5");
  if (size > 0) {
    for await (const piece of createReadStream(path, { end: size - 1 })) hash.update(piece as Buffer);
  }
  return hash.digest("base64");
}
