import type { MessagePort } from "node:worker_threads";
import type { ArtifactPlan } from "../manifest.js";
import type { FileDigests } from "./file-digests.js";
import type { DigestAlgorithm } from "./hasher.js";

/** A file that is digested, and how. */
export interface DigestedFile {
  readonly path: string;
  /** Of the file, as far as it counts. */
  readonly size: number;
  /** Of the whole, all in one reading. */
  readonly algorithms: readonly DigestAlgorithm[];
  /** Bytes of the parts whose MD5 is wanted, too. */
  readonly partSize?: number | undefined;
}

export type DigestOrder = { readonly id: number } & (
  | ({ readonly what: "file" } & DigestedFile)
  | { readonly what: "plan"; readonly plan: ArtifactPlan }
  | { readonly what: "follow"; readonly path: string; readonly algorithm: DigestAlgorithm }
  | { readonly what: "reach"; readonly bytes: number }
  | { readonly what: "end" | "leave" }
);

export type DigestAnswer = { readonly id: number } & (
  | { readonly digests: FileDigests }
  | { readonly digest: string }
  | { readonly problem: string }
);

/** Of a thread that is waited for without an event loop: where answers go, and how far it is. */
export interface ThreadData {
  readonly answers: MessagePort;
  readonly state: Int32Array;
}

export const ThreadState = { starting: 0, begun: 1, answered: 2 } as const;

/** The thread's program. */
export const THREAD = new URL("./digest-thread.js", import.meta.url);
