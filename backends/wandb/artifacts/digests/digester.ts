import { Worker } from "node:worker_threads";
import type { FileDigests } from "./file-digests.js";
import type { DigestAlgorithm } from "./hasher.js";
import { type DigestAnswer, type DigestedFile, type DigestOrder, THREAD } from "./thread-messages.js";

/**
 * Digests files in a thread of its own, which starts with the first of them. MD5 takes two seconds a gigabyte, as long as
 * the transfer itself: in turn on one thread they would take twice as long.
 */
export interface Digester {
  /** @throws Error when the file cannot be read, or the digester was closed. */
  digest(file: DigestedFile): Promise<FileDigests>;
  /** Digests a file while it is written, from its beginning on. */
  follow(path: string, algorithm: DigestAlgorithm): Following;
  /** Ends the thread; what is asked of it is given up. */
  close(): void;
}

/** A file that is digested while it is written. */
export interface Following {
  /** The first so many bytes are in the file, and stay as they are. */
  reach(bytes: number): void;
  /** The base64 digest of all that was reached. Rejects as `Digester.digest` does. */
  digest(): Promise<string>;
  /** Nobody will ask for the digest. */
  leave(): void;
}

interface Waiting {
  readonly resolve: (answer: Exclude<DigestAnswer, { readonly problem: string }>) => void;
  readonly reject: (error: Error) => void;
}

/** A digester with so many threads, which take files in turn. */
export function createDigesters(threads: number): Digester {
  const all = Array.from({ length: threads }, createDigester);
  let asked = 0;
  const next = (): Digester => all[asked++ % threads]!;
  return {
    digest: (file) => next().digest(file),
    follow: (path, algorithm) => next().follow(path, algorithm),
    close() {
      for (const each of all) each.close();
    },
  };
}

/** A digester with one thread. */
export function createDigester(): Digester {
  const waiting = new Map<number, Waiting>();
  /** What went wrong with files before their digest was asked for. */
  const problems = new Map<number, Error>();
  let thread: Worker | undefined;
  let last = 0;
  let over: Error | undefined;

  const end = (error: Error) => {
    over ??= error;
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
    void thread?.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(THREAD, { execArgv: [] });
    started.unref();
    started.on("error", end);
    started.on("message", (answer: DigestAnswer) => {
      const found = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
      if (!("problem" in answer)) found?.resolve(answer);
      else if (found !== undefined) found.reject(new Error(answer.problem));
      else problems.set(answer.id, new Error(answer.problem));
    });
    return started;
  };
  const tell = (order: DigestOrder) => {
    thread ??= start();
    thread.postMessage(order);
  };
  const ask = async (order: DigestOrder) => {
    if (over !== undefined) throw over;
    tell(order);
    // A program that is at its end otherwise waits for an answer, and not for the thread.
    thread!.ref();
    return await new Promise<Parameters<Waiting["resolve"]>[0]>((resolve, reject) =>
      waiting.set(order.id, { resolve, reject }),
    );
  };

  return {
    async digest(file) {
      const answer = await ask({ id: ++last, what: "file", ...file });
      return (answer as { readonly digests: FileDigests }).digests;
    },
    follow(path, algorithm) {
      const id = ++last;
      if (over === undefined) tell({ id, what: "follow", path, algorithm });
      return {
        reach(bytes) {
          if (over === undefined) tell({ id, what: "reach", bytes });
        },
        async digest() {
          const problem = problems.get(id);
          problems.delete(id);
          if (problem !== undefined) throw problem;
          return ((await ask({ id, what: "end" })) as { readonly digest: string }).digest;
        },
        leave() {
          problems.delete(id);
          if (over === undefined) tell({ id, what: "leave" });
        },
      };
    },
    close() {
      end(new Error("nothing is digested any more"));
    },
  };
}
