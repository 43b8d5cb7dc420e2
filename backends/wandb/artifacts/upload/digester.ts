import { Worker } from "node:worker_threads";
import type { FileDigests } from "./file-digests.js";

export interface DigestQuestion {
  readonly id: number;
  readonly path: string;
  readonly size: number;
  readonly partSize: number | undefined;
}

export type DigestAnswer =
  | { readonly id: number; readonly digests: FileDigests }
  | { readonly id: number; readonly problem: string };

/**
 * Digests files in a thread of its own, which starts with the first of them. MD5 takes two seconds a gigabyte, as long as
 * the upload itself: in turn on one thread they would take twice as long.
 */
export interface Digester {
  /** @throws Error when the file cannot be read, or the digester was closed. */
  digest(path: string, size: number, partSize?: number): Promise<FileDigests>;
  /** Ends the thread; what is asked of it is given up. */
  close(): void;
}

interface Waiting {
  readonly resolve: (digests: FileDigests) => void;
  readonly reject: (error: Error) => void;
}

export function createDigester(): Digester {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let asked = 0;
  let over: Error | undefined;

  const end = (error: Error) => {
    over ??= error;
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
    void thread?.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./digest-thread.js", import.meta.url), { execArgv: [] });
    started.on("error", end);
    started.on("message", (answer: DigestAnswer) => {
      const found = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
      if ("digests" in answer) found?.resolve(answer.digests);
      else found?.reject(new Error(answer.problem));
    });
    return started;
  };

  return {
    digest(path, size, partSize) {
      if (over !== undefined) return Promise.reject(over);
      thread ??= start();
      const question: DigestQuestion = { id: ++asked, path, size, partSize };
      thread.postMessage(question);
      // A program that is at its end otherwise waits for an answer, and not for the thread.
      thread.ref();
      return new Promise((resolve, reject) => waiting.set(question.id, { resolve, reject }));
    },
    close() {
      end(new Error("nothing is digested any more"));
    },
  };
}
