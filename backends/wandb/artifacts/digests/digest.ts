import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { crc32 } from "node:zlib";
import { createHasher, type DigestAlgorithm, type Hasher } from "./hasher.js";

const CHUNK = 1024 * 1024;

/** Files from this size on are known again: MD5 takes two seconds a gigabyte. */
const LARGE = 1024 * 1024;
const MOST_KNOWN = 1_000;
/** Large files that were digested here, as they were then. */
const known = new Map<string, { readonly stats: Stats; readonly digest: string }>();

/** The base64 MD5 of a file's content, read piece by piece. */
export function digestOfFile(path: string): string {
  const hash = createHash("md5");
  const file = openSync(path, "r");
  try {
    const stats = fstatSync(file);
    const buffer = Buffer.allocUnsafe(Math.min(stats.size + 1, CHUNK));
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
    }
    const digest = hash.digest("base64");
    if (stats.size >= LARGE) {
      known.set(path, { stats, digest });
      if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
    }
    return digest;
  } finally {
    closeSync(file);
  }
}

/**
 * What `digestOfFile` has found of a large file, if nothing was done to it since. The time of its last change tells:
 * unlike that of its content, nobody can set it.
 */
export function knownDigest(path: string, { ino, size, ctimeMs }: Stats): string | undefined {
  const found = known.get(path);
  const same = found?.stats.ino === ino && found.stats.size === size && found.stats.ctimeMs === ctimeMs;
  return same ? found.digest : undefined;
}

/** The base64 digest of a file's content, read with turns of the event loop in between. */
export async function digestOfContent(path: string, algorithm: DigestAlgorithm): Promise<string> {
  const hasher = await createHasher(algorithm);
  for await (const piece of createReadStream(path, { highWaterMark: CHUNK })) hasher.update(piece as Buffer);
  return hasher.digest("base64");
}

/**
 * An artifact's digest: the hex hash of its entries' paths and digests, in the order of `inPathOrder`.
 *
 * @param hasher of the artifact's algorithm
 */
export function digestOfManifest(
  entries: readonly { readonly path: string; readonly digest?: string }[],
  hasher: Hasher = createHash("md5"),
): string {
  hasher.update(Buffer.from("wandb-artifact-manifest-v1\n"));
  for (const { path, digest } of inPathOrder(entries))
    hasher.update(Buffer.from(`${path}:${digest ?? ""}\n`));
  return hasher.digest("hex");
}

/**
 * Entries by path in the order of Unicode code points, which is that of their UTF-8 bytes. JavaScript's own order is by
 * UTF-16 units and puts characters beyond U+FFFF before those from U+E000 on.
 */
export function inPathOrder<Entry extends { readonly path: string }>(entries: readonly Entry[]): Entry[] {
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/**
 * A name that an artifact may have, for artifacts that W&B names itself: other characters than letters, digits, `_`,
 * `-` and `.` go, and a checksum of the whole name keeps different names apart.
 */
export function safeArtifactName(name: string): string {
  const kept = name.replace(/[^a-zA-Z0-9_\-.]+/g, "");
  if (kept === name) return name;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(name));
  return `${kept}-${checksum.toString("base64url")}`;
}
