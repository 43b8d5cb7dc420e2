import { TraceletError } from "../../../../src/errors.js";
import type { ArtifactRecord } from "../../records/record.js";
import { createDigester } from "../digests/digester.js";
import type { ManifestAlgorithm } from "../digests/hasher.js";
import { useArtifact } from "../use-artifact.js";
import { clientIdOf, resolveReferences } from "./client-references.js";
import { createInput, type RunAddress } from "./create-input.js";
import { settleAlgorithm } from "./digest-algorithm.js";
import { uploadFiles } from "./files.js";
import type { FileEntry } from "./local-file.js";
import { manifestFile, manifestTypeOf, readEntries } from "./manifest-file.js";
import { createManifest } from "./manifest-upload.js";
import { COMMIT_ARTIFACT, CREATE_ARTIFACT, type CreatedArtifact } from "./operations.js";
import { type ArtifactProgress, createProgress } from "./progress.js";
import type { StagedFiles } from "./staged-files.js";
import { MOST_FILE_BYTES, type TransferContext } from "./transfer.js";

/** An artifact that is on the server. */
export interface SavedArtifact {
  /** The server's id of the version. */
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  /** `PENDING` while other writers of a distributed artifact still add to it. */
  readonly state: "COMMITTED" | "PENDING";
  /** The server had this content under this name already: there is no new version. */
  readonly existed: boolean;
}

export interface SaveContext extends Omit<TransferContext, "digester" | "onRetry"> {
  readonly run: RunAddress;
  readonly staged: StagedFiles;
  readonly onTrouble: (message: string) => void;
  readonly onProgress: ((progress: ArtifactProgress) => void) | undefined;
  /** The server knows the artifact now. */
  readonly onCreated: () => void;
  /** Settles when the server knows the artifact of a client id; undefined for one that is not under way. */
  readonly creationOf: (clientId: string) => Promise<void> | undefined;
}

/** Failed attempts are told of at most this often: a server that is away fails all transfers at once. */
const QUIET_MS = 5_000;

/** The whole sequence for one record. */
export async function saveVersion(context: SaveContext, record: ArtifactRecord): Promise<SavedArtifact> {
  const { signal } = context;
  const digester = createDigester();
  signal?.addEventListener("abort", digester.close);
  try {
    return await save({ ...context, digester }, record);
  } finally {
    signal?.removeEventListener("abort", digester.close);
    digester.close();
  }
}

async function save(
  context: SaveContext & Pick<TransferContext, "digester">,
  logged: ArtifactRecord,
): Promise<SavedArtifact> {
  const { connection, run, staged, signal, hurry, onTrouble } = context;
  let told = -Infinity;
  const retry = {
    signal,
    hurry,
    onRetry: (problem: string, _status: number, waitMs: number) => {
      if (performance.now() - told < QUIET_MS) return;
      told = performance.now();
      onTrouble(`${problem}; trying again in ${Math.ceil(waitMs / 1000)} s`);
    },
  };
  const record = await settleAlgorithm(context, logged, retry);
  const { name = "", digest = "", finalize = false } = record;
  const { createArtifact } = await connection.graphql.query<CreatedArtifact>(
    CREATE_ARTIFACT,
    { input: createInput(record, run) },
    retry,
  );
  context.onCreated();
  const { id, state, artifactSequence } = createArtifact.artifact;
  const use = async () => {
    const { entity, project, runId } = run;
    if (!record.useAfterCommit) return;
    await useArtifact(connection, { entity, project, runName: runId, artifactID: id }, retry);
  };
  const list = logged.manifest?.manifestFilePath;
  if (state === "COMMITTED") {
    await use();
    const entries = await readEntries(record).catch(() => []);
    await staged.remove([...entries.map(({ localPath }) => localPath), list]);
    return { id, name, digest, state, existed: true };
  }
  // Older servers give back a deleted version of the same content as it is.
  if (state !== "PENDING" && state !== "DELETED")
    refuse("backend-failed", `the server gave it the state ${state.slice(0, 40)}`);

  const entries = await readEntries(record);
  const files = entries.filter((entry): entry is FileEntry => Boolean(entry.localPath));
  const tooLarge = files.find(({ size = 0 }) => size > MOST_FILE_BYTES);
  if (tooLarge) refuse("invalid-file", `"${tooLarge.path}" is larger than 5 TiB, the most there can be`);

  const type = manifestTypeOf(record);
  const base = record.baseId || artifactSequence?.latestArtifact?.id || null;
  const onServer = await createManifest(connection, { id, type, base }, run, retry);
  const births = await uploadFiles(
    { ...context, ...retry, ...createProgress(name, files, context.onProgress) },
    {
      artifactId: id,
      manifestId: onServer.id,
      algorithm: (record.digestAlgorithm || "MANIFEST_MD5") as ManifestAlgorithm,
    },
    files,
  );
  await Promise.all(entries.map((entry) => context.creationOf(clientIdOf(entry) ?? "")));
  const resolved = await resolveReferences(connection, entries, retry);
  const born = resolved.map((entry) => {
    const birthArtifactId = births.get(entry.path);
    return birthArtifactId === undefined ? entry : { ...entry, birthArtifactId };
  });
  await onServer.upload(manifestFile(record, born), context.policy);
  if (finalize) await connection.graphql.query(COMMIT_ARTIFACT, { artifactID: id }, retry);
  await use();
  await staged.remove([...files.map(({ localPath }) => localPath), list]);
  return { id, name, digest, state: finalize ? "COMMITTED" : "PENDING", existed: false };
}

function refuse(code: "backend-failed" | "invalid-file", problem: string): never {
  throw new TraceletError(code, problem, { backend: "wandb" });
}
