import { TraceletError } from "../../../../src/errors.js";
import { RequestError } from "../../server/retry.js";
import type { ManifestAlgorithm } from "../digests/hasher.js";
import type { FileEntry } from "./local-file.js";
import { CREATE_FILES, type CreatedFiles, type UploadTarget } from "./operations.js";
import { type PreparedFile, prepare, TRANSFER_SLOTS, type TransferContext, transfer } from "./transfer.js";

/** The version whose files are uploaded. */
export interface UploadedVersion {
  readonly artifactId: string;
  readonly manifestId: string;
  /** Of the version; an entry may have its own. */
  readonly algorithm: ManifestAlgorithm;
}

export interface FilesContext extends TransferContext {
  readonly onTrouble: (message: string) => void;
  readonly onFile: () => void;
  readonly onBytes: (more: number) => void;
}

/** Files whose addresses are asked for at once, at first. Numbers of the official client (`core/pkg/artifacts/saver.go`). */
const FIRST_BATCH = TRANSFER_SLOTS / 5;
const MOST_IN_BATCH = 2000;
/** A batch holds what goes through in this time: addresses expire. */
const BATCH_MS = 60_000;
/** Rounds with new addresses even when little succeeds: an address may have expired while its file waited. */
const LEAST_ROUNDS = 3;

/**
 * Uploads the files of a version: asks for addresses batch by batch, a little ahead of the transfers. What fails is tried
 * again with new addresses as long as most of it succeeds.
 *
 * @returns the version in which the server first got each file, by path.
 * @throws TraceletError `invalid-file`, RequestError, or what the signal was aborted with.
 */
export async function uploadFiles(
  context: FilesContext,
  version: UploadedVersion,
  entries: readonly FileEntry[],
): Promise<ReadonlyMap<string, string>> {
  const births = new Map<string, string>();
  // What ends the save ends the transfers beside it.
  const stop = new AbortController();
  const signal = context.signal === undefined ? stop.signal : AbortSignal.any([context.signal, stop.signal]);
  try {
    let wanted = entries;
    for (let round = 1; wanted.length > 0; round++) {
      const failed = await uploadRound({ ...context, signal }, version, wanted, births, stop);
      if (failed.length * 2 >= wanted.length && round >= LEAST_ROUNDS) throw failed[0]!.error;
      if (failed.length > 0) {
        const { entry, error } = failed[0]!;
        const others = failed.length === 1 ? "" : ` and ${failed.length - 1} more`;
        context.onTrouble(
          `"${entry.path}"${others} not uploaded (${error.message}); trying again with a new address`,
        );
      }
      wanted = failed.map(({ entry }) => entry);
    }
    return births;
  } finally {
    stop.abort(new Error("the upload of the artifact has ended"));
  }
}

interface FailedFile {
  readonly entry: FileEntry;
  readonly error: RequestError;
}

async function uploadRound(
  context: FilesContext,
  version: UploadedVersion,
  entries: readonly FileEntry[],
  births: Map<string, string>,
  stop: AbortController,
): Promise<FailedFile[]> {
  const failed: FailedFile[] = [];
  const began = performance.now();
  /** Files with an address that have not begun: plain data, as thousands of promises would be heavy. */
  const ready: AddressedFile[] = [];
  let underWay = 0;
  let done = 0;
  let fatal: { readonly error: unknown } | undefined;
  let wake = () => {};
  const until = async (enough: () => boolean) => {
    while (!enough() && fatal === undefined) await new Promise<void>((resolve) => (wake = resolve));
    if (fatal !== undefined) throw fatal.error;
  };
  const send = async ({ target, ...file }: AddressedFile) => {
    const { entry } = file;
    try {
      await transfer(context, file, target, context.onBytes);
      context.onFile();
    } catch (error) {
      if (error instanceof RequestError) {
        failed.push({ entry, error });
      } else {
        fatal ??= { error };
        stop.abort(error);
      }
    }
    underWay--;
    done++;
    begin();
    wake();
  };
  const begin = () => {
    while (underWay < TRANSFER_SLOTS && ready.length > 0 && fatal === undefined) {
      underWay++;
      void send(ready.pop()!);
    }
  };
  for (let next = 0; next < entries.length; ) {
    const fitting = done < TRANSFER_SLOTS ? FIRST_BATCH : (done / (performance.now() - began)) * BATCH_MS;
    const size = Math.floor(Math.max(FIRST_BATCH, Math.min(fitting, MOST_IN_BATCH)));
    await until(() => ready.length + underWay < Math.max(TRANSFER_SLOTS, size / 2));
    const batch = entries.slice(next, next + size);
    next += batch.length;
    for (const file of await askAddresses(context, version, batch)) {
      births.set(file.entry.path, file.target.artifact.id);
      ready.push(file);
    }
    begin();
  }
  await until(() => ready.length + underWay === 0);
  return failed;
}

interface AddressedFile extends PreparedFile {
  readonly target: UploadTarget;
}

async function askAddresses(
  context: FilesContext,
  version: UploadedVersion,
  batch: readonly FileEntry[],
): Promise<AddressedFile[]> {
  const { connection, signal, hurry, onRetry } = context;
  const prepared = await Promise.all(batch.map((entry) => prepare(context, entry)));
  const named = await connection.hasFeature("ARTIFACT_DIGEST_ALGORITHM");
  const { createArtifactFiles } = await connection.graphql.query<CreatedFiles>(
    CREATE_FILES,
    {
      input: {
        artifactFiles: prepared.map(({ entry, md5, division }) => ({
          artifactID: version.artifactId,
          artifactManifestID: version.manifestId,
          ...(named ? { digest: entry.digest } : {}),
          md5,
          mimetype: null,
          name: entry.path,
          uploadPartsInput:
            division?.parts.map((part) => ({
              partNumber: part.partNumber,
              hexMD5: Buffer.from(part.md5, "base64").toString("hex"),
            })) ?? null,
        })),
        clientMutationId: null,
        cloudRegionID: null,
        ...(named ? { digestAlgorithm: version.algorithm } : {}),
        storageLayout: "V2",
      },
    },
    { signal, hurry, onRetry },
  );
  const { edges } = createArtifactFiles.files;
  // They belong together by their order.
  if (edges.length !== batch.length) {
    throw new TraceletError(
      "backend-failed",
      `the server named ${edges.length} addresses for ${batch.length} files; sync again later`,
      { backend: "wandb" },
    );
  }
  return prepared.map((each, index) => {
    const target = edges[index]?.node;
    if (target === null || target === undefined) {
      throw new TraceletError(
        "backend-failed",
        `the server named no address for "${each.entry.path}"; sync again later`,
        { backend: "wandb" },
      );
    }
    return { ...each, target };
  });
}
