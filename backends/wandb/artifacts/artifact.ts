import { createHash } from "node:crypto";
import { existsSync, rmSync, statSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TraceletError } from "../../../src/errors.js";
import { generateId } from "../run/run-id.js";
import type { ArtifactObject } from "./artifact-object.js";
import type { AddOptions, ArtifactOptions, ArtifactTtl, ReferenceOptions } from "./artifact-options.js";
import { digestOfFile, digestOfManifest } from "./digests/digest.js";
import { digestNow } from "./digests/digest-now.js";
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from "./digests/hasher.js";
import { filesBelow, isFile } from "./folder.js";
import { type ArtifactEntry, type ArtifactPlan, manifestEntries } from "./manifest.js";
import { checkArtifactName, checkArtifactType, checkEntryPath, metadataText } from "./rules.js";
import { stageBytes, stageFile, stagingFolder } from "./staging.js";

/**
 * A version of a set of files, built here and uploaded when it is logged. Files are kept as they are when they are added.
 * Once it is logged it stays as it is: every change throws `invalid-value`.
 *
 * @example
 * ```ts
 * const artifact = new wandb.Artifact("resnet50", { type: "model", metadata: { accuracy: 0.91 } });
 * artifact.addFile("model.onnx");
 * artifact.addDir("labels", { name: "labels" });
 * run.logArtifact(artifact, { aliases: ["best"] });
 * ```
 */
export class Artifact {
  /** Name of the collection, without a version. */
  readonly name: string;
  /** `model`, `dataset` ... */
  readonly type: string;
  /** Whether the server adds these entries to those of the version before. */
  readonly incremental: boolean;
  /** Identity of this version until the server has given it one: 128 characters. */
  readonly clientId: string;
  /** The same for its collection. */
  readonly sequenceClientId: string;
  /** How its files are known. */
  readonly digestAlgorithm: DigestAlgorithm;
  #description: string | undefined;
  #metadata: { readonly [key: string]: unknown } = {};
  #metadataText = "";
  #ttl: ArtifactTtl | undefined;
  #staging: string | undefined;
  #savedDigest: string | undefined;
  #isFinal = false;
  readonly #entries = new Map<string, ArtifactEntry>();
  readonly #objects = new Map<ArtifactObject, ArtifactEntry>();

  /** Throws `invalid-value` with the rule that the name, type, metadata or another option breaks. */
  constructor(name: string, options: ArtifactOptions) {
    this.name = checkArtifactName(name);
    this.type = checkArtifactType(options?.type, name);
    this.#description = options.description;
    this.incremental = options.incremental ?? false;
    this.digestAlgorithm = options.digestAlgorithm ?? "MD5";
    if (!DIGEST_ALGORITHMS.includes(this.digestAlgorithm)) {
      refuse(
        `digestAlgorithm is one of ${DIGEST_ALGORITHMS.join(", ")}, got ${JSON.stringify(this.digestAlgorithm)}`,
      );
    }
    this.#staging = options.staging;
    this.clientId = options.clientId ?? generateId(128);
    this.sequenceClientId = options.sequenceClientId ?? generateId(128);
    if (options.metadata !== undefined) this.metadata = options.metadata;
  }

  /** An artifact that W&B makes by itself, of a type reserved for it. */
  static internal(name: string, type: string, options: Omit<ArtifactOptions, "type"> = {}): Artifact {
    const artifact = new Artifact(name, { ...options, type: "internal" });
    (artifact as { type: string }).type = type;
    return artifact;
  }

  /** A text about the version; may be changed until it is logged. */
  get description(): string | undefined {
    return this.#description;
  }

  set description(description: string | undefined) {
    this.#checkChangeable();
    this.#description = description;
  }

  /** Values by name, at most 100 keys; may be changed until it is logged. */
  get metadata(): { readonly [key: string]: unknown } {
    return this.#metadata;
  }

  set metadata(metadata: { readonly [key: string]: unknown }) {
    this.#checkChangeable();
    this.#metadataText = metadataText(metadata);
    this.#metadata = { ...metadata };
  }

  /** Seconds until the version may be deleted; undefined when nothing was set. */
  get ttl(): ArtifactTtl | undefined {
    return this.#ttl;
  }

  set ttl(ttl: ArtifactTtl) {
    this.#checkChangeable();
    if (typeof ttl === "number" && !(Number.isInteger(ttl) && ttl > 0)) {
      refuse(`ttl is a whole number of seconds above 0, null or "inherit", got ${ttl}`);
    }
    this.#ttl = ttl;
  }

  /** Paths of the entries. */
  get paths(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Bytes of all entries, as far as known. */
  get size(): number {
    let size = 0;
    for (const entry of this.#entries.values()) size += entry.size;
    return size;
  }

  /**
   * The digest by which W&B knows equal versions. Reads every file that was added; once the artifact is logged, the upload
   * takes those away, and the digest is known again when its `wait()` is over.
   */
  get digest(): string {
    if (this.#savedDigest !== undefined) return this.#savedDigest;
    try {
      const plan = this.toPlan();
      return this.digestAlgorithm === "MD5" ? digestOfManifest(manifestEntries(plan)) : digestNow(plan);
    } catch (cause) {
      const isGone = ({ localPath }: ArtifactEntry) => localPath !== undefined && !existsSync(localPath);
      if (![...this.#entries.values()].some(isGone)) throw cause;
      return refuse(
        `"${this.name}" is on its way to the server; await the logged artifact's wait() for its digest`,
      );
    }
  }

  /**
   * The artifact is at the server, under this digest.
   *
   * @internal
   */
  saved(digest: string): void {
    this.#savedDigest = digest;
  }

  /** Adds a file under its own name or another one. Returns its path in the artifact. */
  addFile(path: string, options: AddOptions = {}): string {
    if (!isFile(path)) refuse(`"${path}" is not a file that can be read`);
    return this.#addFile(path, options.name ?? basename(path), options);
  }

  /**
   * Adds everything in a folder and the folders below, links followed. Returns the paths in the artifact. What is neither
   * file nor folder, such as a link to nothing, is refused.
   */
  addDir(path: string, options: AddOptions = {}): string[] {
    this.#checkChangeable();
    return filesBelow(path, refuseOther).map((file) =>
      this.#addFile(join(path, file), options.name ? `${options.name}/${file}` : file, options),
    );
  }

  /** Adds content that is no file yet. Returns its path in the artifact. */
  newFile(name: string, data: string | Uint8Array, options: { overwrite?: boolean } = {}): string {
    this.#checkChangeable();
    const size = typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
    const path = checkEntryPath(name);
    return this.#put(
      { path, size, localPath: stageBytes(data, this.#folder()), skipCache: true },
      options.overwrite,
    );
  }

  /**
   * Adds the address of something that stays where it is: `https:`, `s3:`, `gs:`, or `file:` with a file or folder,
   * whose content is checksummed. Returns the paths in the artifact.
   */
  addReference(uri: string, options: ReferenceOptions = {}): string[] {
    this.#checkChangeable();
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase();
    if (scheme === undefined) refuse(`a reference is a URI, for a local file "file:///...", got "${uri}"`);
    if (scheme === "file") return this.#addLocalReference(uri, options);
    const { name = defaultName(scheme, uri), digest = uri, size = 0 } = options;
    return [this.#put({ path: checkEntryPath(name), digest, size, ref: uri })];
  }

  /** Adds an object (a table, an image ...) as an entry with the files it needs. Returns its path in the artifact. */
  add(object: ArtifactObject, name: string): string {
    const known = this.#objects.get(object);
    if (known !== undefined) return known.path;
    const path = checkEntryPath(`${name}.${object.artifactSuffix}.json`);
    const existing = this.#entries.get(path);
    if (existing === undefined) this.newFile(path, object.toArtifactText(this));
    this.#objects.set(object, this.#entries.get(path)!);
    return path;
  }

  /** Removes an entry, or all entries of a folder. Throws `invalid-value` when there is none. */
  remove(path: string): void {
    this.#checkChangeable();
    const chosen = this.has(path) ? [path] : this.paths.filter((entry) => entry.startsWith(`${path}/`));
    if (chosen.length === 0) refuse(`"${this.name}" has no entry "${path}"`);
    for (const each of chosen) {
      removeStaged(this.#entries.get(each));
      this.#entries.delete(each);
    }
  }

  /** The entry of a path; undefined when there is none. */
  entry(path: string): ArtifactEntry | undefined {
    return this.#entries.get(path);
  }

  /** Whether there is an entry of this path. */
  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /**
   * The artifact as plain data, as it is logged. It is not changed any more: it may be logged again, and its upload takes
   * the copies of its files away.
   *
   * @internal
   */
  finalPlan(): ArtifactPlan {
    checkNesting(this.#entries);
    this.#isFinal = true;
    return this.toPlan();
  }

  /** The artifact as plain data. */
  toPlan(): ArtifactPlan {
    const ttl = this.#ttl === "inherit" ? -1 : this.#ttl === null ? -2 : this.#ttl;
    return {
      name: this.name,
      type: this.type,
      description: this.description,
      metadata: this.#metadataText,
      ttlDurationSeconds: ttl,
      clientId: this.clientId,
      sequenceClientId: this.sequenceClientId,
      incremental: this.incremental,
      digestAlgorithm: this.digestAlgorithm,
      entries: [...this.#entries.values()],
    };
  }

  #checkChangeable(): void {
    if (this.#isFinal)
      refuse(`"${this.name}" was logged and cannot be changed any more; make a new Artifact`);
  }

  #addFile(file: string, name: string, options: AddOptions): string {
    this.#checkChangeable();
    const path = checkEntryPath(name);
    const localPath = stageFile(file, this.#folder(), options.policy ?? "mutable");
    const { size } = statSync(localPath);
    return this.#put({ path, size, localPath, skipCache: options.skipCache ?? false }, options.overwrite);
  }

  #addLocalReference(uri: string, options: ReferenceOptions): string[] {
    const root = fileURLToPath(uri);
    const digestOf = (path: string): string =>
      options.checksum === false
        ? createHash("md5").update(resolve(path)).digest("base64")
        : digestOfFile(path);
    if (isFile(root)) {
      const path = checkEntryPath(options.name ?? basename(root));
      const digest = options.digest ?? digestOf(root);
      return [this.#put({ path, digest, size: statSync(root).size, ref: uri })];
    }
    const base = uri.replace(/\/+$/, "");
    return filesBelow(root, refuseOther).map((file) => {
      const path = checkEntryPath(options.name ? `${options.name}/${file}` : file);
      const local = join(root, file);
      return this.#put({ path, digest: digestOf(local), size: statSync(local).size, ref: `${base}/${file}` });
    });
  }

  /** Two contents under one path are a mistake, the same content twice is none. */
  #put(entry: ArtifactEntry, overwrite = false): string {
    const known = this.#entries.get(entry.path);
    if (known !== undefined && !overwrite) {
      const digestOf = ({ digest, localPath }: ArtifactEntry): string => digest ?? digestOfFile(localPath!);
      const same = digestOf(known) === digestOf(entry);
      removeStaged(entry);
      if (same) return entry.path;
      refuse(
        `"${entry.path}" is in "${this.name}" already with another content; pass { overwrite: true } to replace it`,
      );
    }
    removeStaged(known);
    this.#entries.set(entry.path, entry);
    this.#savedDigest = undefined;
    return entry.path;
  }

  #folder(): string {
    this.#staging ??= stagingFolder();
    return this.#staging;
  }
}

/** What is a file and a folder at once could be downloaded by nobody. */
function checkNesting(entries: ReadonlyMap<string, ArtifactEntry>): void {
  for (const path of entries.keys()) {
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const folder = path.slice(0, slash);
      if (entries.has(folder))
        refuse(`"${folder}" is a file and, for "${path}", a folder; remove one of them`);
    }
  }
}

/** Takes away the copy of a file that is not in the artifact after all. */
function removeStaged(entry: ArtifactEntry | undefined): void {
  if (entry?.localPath !== undefined) rmSync(entry.localPath, { force: true });
}

function defaultName(scheme: string, uri: string): string {
  if (!["http", "https", "s3", "gs"].includes(scheme)) {
    refuse(
      `a reference of the unknown kind "${scheme}:" needs a name: addReference("${uri}", { name: "..." })`,
    );
  }
  const name = basename(uri);
  return name === "" || isAbsolute(name) ? refuse(`the reference "${uri}" needs a name`) : name;
}

function refuseOther(path: string): never {
  refuse(`${JSON.stringify(path)} is no file that can be read; remove it, or add the files one by one`);
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `Artifact: ${rule}.`, { backend: "wandb" });
}
