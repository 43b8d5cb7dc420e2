import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

/** A range of a file that is uploaded by itself. */
export interface Part {
  /** From 1. */
  readonly partNumber: number;
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
  /** Base64. */
  readonly md5: string;
}

/** The base64 MD5 of a file, and those of its parts. */
export interface FileDigests {
  readonly md5: string;
  readonly parts: readonly Part[];
}

const PIECE = 1 << 20;

/**
 * Reads a file once, up to a size.
 *
 * @param partSize bytes of a part; undefined: no parts.
 */
export function fileDigests(path: string, size: number, partSize: number | undefined): FileDigests {
  const whole = createHash("md5");
  const parts: Part[] = [];
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, size));
  const file = openSync(path, "r");
  try {
    for (let start = 0; start < size; ) {
      const end = Math.min(size, start + (partSize ?? size));
      const part = partSize === undefined ? undefined : createHash("md5");
      for (let position = start; position < end; ) {
        const count = readSync(file, buffer, 0, Math.min(buffer.length, end - position), position);
        // The file is shorter by now, which its digest will show.
        if (count === 0) return { md5: whole.digest("base64"), parts };
        whole.update(buffer.subarray(0, count));
        part?.update(buffer.subarray(0, count));
        position += count;
      }
      if (part !== undefined)
        parts.push({ partNumber: parts.length + 1, start, end, md5: part.digest("base64") });
      start = end;
    }
    return { md5: whole.digest("base64"), parts };
  } finally {
    closeSync(file);
  }
}
