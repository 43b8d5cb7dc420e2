import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Stored bytes: small ones in memory, large ones in a file of the server's own temporary folder. */
export interface Blob {
  readonly size: number;
  /** Hex, as object stores give it in `ETag`. */
  readonly md5: string;
  read(): Promise<Buffer>;
  stream(start?: number, end?: number): Readable;
}

export interface BlobStore {
  receive(source: Readable): Promise<Blob>;
  join(parts: readonly Blob[]): Promise<Blob>;
  close(): Promise<void>;
}

const IN_MEMORY = 1 << 20;

export function createBlobStore(): BlobStore {
  let folder: Promise<string> | undefined;
  let count = 0;

  async function receive(source: Readable): Promise<Blob> {
    const hash = createHash("md5");
    const chunks: Buffer[] = [];
    let size = 0;
    const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return memoryBlob(Buffer.concat(chunks));
      hash.update(value);
      chunks.push(value);
      size += value.length;
      if (size > IN_MEMORY) break;
    }
    folder ??= mkdtemp(join(tmpdir(), "wandb-server-"));
    const path = join(await folder, String(++count));
    async function* rest() {
      yield* chunks;
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) return;
        hash.update(value);
        size += value.length;
        yield value;
      }
    }
    await pipeline(Readable.from(rest()), createWriteStream(path));
    return {
      size,
      md5: hash.digest("hex"),
      read: () => readFile(path),
      stream: (start, end) =>
        createReadStream(path, { ...(start !== undefined && { start }), ...(end !== undefined && { end }) }),
    };
  }

  async function* concatenate(parts: readonly Blob[]) {
    for (const part of parts) yield* part.stream() as AsyncIterable<Buffer>;
  }

  return {
    receive,
    join: (parts) => receive(Readable.from(concatenate(parts))),
    async close() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
    },
  };
}

/** Bytes as a stored blob. */
export function memoryBlob(bytes: Buffer): Blob {
  return {
    size: bytes.length,
    md5: createHash("md5").update(bytes).digest("hex"),
    read: async () => bytes,
    stream: (start = 0, end = bytes.length - 1) => Readable.from([bytes.subarray(start, end + 1)]),
  };
}
