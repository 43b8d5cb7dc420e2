import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { createHasher, type DigestAlgorithm } from "./hasher.js";

/** A range of a file that is uploaded by itself. */
export interface Part {
  /** From 1. */
  readonly partNumber: number;
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
  /** Base64. Object stores know no other digest, whatever the whole is known by. */
  readonly md5: string;
}

/** Base64 digests of a file, and those of its parts. */
export interface FileDigests {
  readonly whole: { readonly [algorithm in DigestAlgorithm]?: string };
  readonly parts: readonly Part[];
}

const PIECE = 1 << 20;

/**
 * Reads a file once, up to a size.
 *
 * @param partSize bytes of a part; undefined: no parts.
 */
export async function fileDigests(
  path: string,
  size: number,
  algorithms: readonly DigestAlgorithm[],
  partSize: number | undefined,
): Promise<FileDigests> {
  const hashers = await Promise.all(algorithms.map(createHasher));
  const parts: Part[] = [];
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, size));
  const file = openSync(path, "r");
  try {
    // A file that is shorter by now ends the reading, which its digest will show.
    for (let start = 0, isThere = true; start < size && isThere; ) {
      const end = Math.min(size, start + (partSize ?? size));
      const part = partSize === undefined ? undefined : createHash("md5");
      for (let position = start; position < end && isThere; ) {
        const count = readSync(file, buffer, 0, Math.min(buffer.length, end - position), position);
        const piece = buffer.subarray(0, count);
        for (const hasher of hashers) hasher.update(piece);
        part?.update(piece);
        position += count;
        isThere = count > 0;
      }
      if (part !== undefined)
        parts.push({ partNumber: parts.length + 1, start, end, md5: part.digest("base64") });
      start = end;
    }
  } finally {
    closeSync(file);
  }
  const found = algorithms.map((algorithm, index) => [algorithm, hashers[index]!.digest("base64")]);
  return { whole: Object.fromEntries(found) as FileDigests["whole"], parts };
}
