import { createHash } from "node:crypto";
import type { IHasher } from "hash-wasm";
import { TraceletError } from "../../../../src/errors.js";

export const DIGEST_ALGORITHMS = ["MD5", "XXH128"] as const;

/**
 * How the content of files is known. `MD5` is what every client knows; `XXH128` is ten times as fast and no protection
 * against forgery, and known to servers and clients from 2026 on (`wandb/sdk/lib/hashutil.py`).
 */
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** Where an entry's `extra` says its algorithm; without it the digest is an MD5 (`artifact_manifest_entry.py`). */
export const ALGORITHM_KEY = "alg";

/** As servers and records name it. */
export type ManifestAlgorithm = `MANIFEST_${DigestAlgorithm}`;

/** Takes bytes in, piece by piece, and gives their digest once. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "base64" | "hex"): string;
}

/** WebAssembly instances whose last digest was given. Each reserves much address space, so that there shall be few. */
const idle: IHasher[] = [];

/** A new hasher. What computes XXH128 is loaded with the first one. */
export async function createHasher(algorithm: DigestAlgorithm): Promise<Hasher> {
  if (algorithm === "MD5") return createHash("md5");
  const { createXXHash128 } = await import("./xxh128.js");
  const wasm = idle.pop() ?? (await createXXHash128());
  wasm.init();
  return {
    update: (bytes) => wasm.update(bytes),
    digest(encoding) {
      const digest = Buffer.from(wasm.digest("binary")).toString(encoding);
      idle.push(wasm);
      return digest;
    },
  };
}

/** The algorithm that an entry's `extra` names. Throws `invalid-file` for one that is not known. */
export function algorithmOf(name: unknown, path: string): DigestAlgorithm {
  if (name === undefined || name === "MD5") return "MD5";
  if (name === "XXH128") return "XXH128";
  throw new TraceletError(
    "invalid-file",
    `${JSON.stringify(path)} is known by a digest of the kind ${JSON.stringify(name)}, which cannot be checked here; use the Python client for it.`,
    { backend: "wandb" },
  );
}
