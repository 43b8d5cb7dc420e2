import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { ManifestEntryRecord } from "../records/record.js";

const CHUNK = 1024 * 1024;

/** An entry's digest: the base64 MD5 of a file's content, read piece by piece. */
export function digestOfFile(path: string): string {
  const hash = createHash("md5");
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(Math.min(fstatSync(file).size + 1, CHUNK));
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null);
      if (count === 0) return hash.digest("base64");
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

/** As `digestOfFile`, with turns of the event loop in between. */
export async function digestOfLargeFile(path: string): Promise<string> {
  const hash = createHash("md5");
  for await (const piece of createReadStream(path, { highWaterMark: CHUNK })) hash.update(piece as Buffer);
  return hash.digest("base64");
}

/** An artifact's digest: the hex MD5 of its entries' paths and digests, in the order of `inPathOrder`. */
export function digestOfManifest(entries: readonly ManifestEntryRecord[]): string {
  const hash = createHash("md5").update("wandb-artifact-manifest-v1\n");
  for (const { path, digest } of inPathOrder(entries)) hash.update(`${path}:${digest ?? ""}\n`);
  return hash.digest("hex");
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
