import { closeSync, openSync, readSync } from "node:fs";
import { createHasher, type DigestAlgorithm } from "./hasher.js";

/** Digests a file while it grows. */
export interface FollowedFile {
  /** Reads on: the first so many bytes are there. */
  reach(bytes: number): void;
  /** The base64 digest of what was reached. */
  digest(): string;
  close(): void;
}

const PIECE = 1 << 20;

export async function followFile(path: string, algorithm: DigestAlgorithm): Promise<FollowedFile> {
  const hasher = await createHasher(algorithm);
  const file = openSync(path, "r");
  const buffer = Buffer.allocUnsafe(PIECE);
  let position = 0;
  return {
    reach(bytes) {
      while (position < bytes) {
        const count = readSync(file, buffer, 0, Math.min(PIECE, bytes - position), position);
        if (count === 0) throw new Error(`${path} is shorter than what was written to it`);
        hasher.update(buffer.subarray(0, count));
        position += count;
      }
    },
    digest: () => hasher.digest("base64"),
    close: () => closeSync(file),
  };
}
