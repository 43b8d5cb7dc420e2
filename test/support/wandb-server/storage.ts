import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { Blob, BlobStore } from "./blobs.js";

/**
 * The object store behind the API, reached by addresses that carry their own permission. It listens on a port of its
 * own, so that to a client it is another host: no credentials may be sent to it.
 */
export interface Storage {
  /** An address that takes one PUT; `stored` gets what arrived. */
  uploadUrl(name: string, stored: (blob: Blob) => void): string;
  /** An address that answers GET, whole or by range. */
  downloadUrl(name: string, blob: Blob): string;
  /** Takes a PUT: undefined when there is no such address. */
  put(token: string, body: Readable): Promise<Blob | undefined>;
  get(token: string): Blob | undefined;
  join(parts: readonly Blob[]): Promise<Blob>;
}

export function createStorage(blobs: BlobStore, origin: () => string): Storage {
  const targets = new Map<string, (blob: Blob) => void>();
  const sources = new Map<string, Blob>();
  const address = (token: string, name: string) =>
    `${origin()}/storage/${token}/${name.split("/").map(encodeURIComponent).join("/")}?signature=${token}`;
  return {
    uploadUrl(name, stored) {
      const token = randomBytes(12).toString("hex");
      targets.set(token, stored);
      return address(token, name);
    },
    downloadUrl(name, blob) {
      const token = randomBytes(12).toString("hex");
      sources.set(token, blob);
      return address(token, name);
    },
    async put(token, body) {
      const stored = targets.get(token);
      if (stored === undefined) return undefined;
      const blob = await blobs.receive(body);
      stored(blob);
      return blob;
    },
    get: (token) => sources.get(token),
    join: (parts) => blobs.join(parts),
  };
}
