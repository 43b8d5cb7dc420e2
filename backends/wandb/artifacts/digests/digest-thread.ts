import { parentPort, workerData } from "node:worker_threads";
import { withDigests } from "../manifest.js";
import { fileDigests } from "./file-digests.js";
import { type FollowedFile, followFile } from "./followed-file.js";
import { type DigestAnswer, type DigestOrder, type ThreadData, ThreadState } from "./thread-messages.js";

// The thread of a digester: one order after the other.
const { answers = parentPort!, state } = (workerData ?? {}) as Partial<ThreadData>;
const followed = new Map<number, FollowedFile>();
let before = Promise.resolve();

parentPort!.on("message", (order: DigestOrder) => {
  before = before.then(async () => {
    const answer = await follow(order).catch((error: unknown): DigestAnswer => {
      leave(order.id);
      return { id: order.id, problem: (error as Error).message };
    });
    if (answer === undefined) return;
    answers.postMessage(answer);
    enter(ThreadState.answered);
  });
});
enter(ThreadState.begun);

function enter(reached: number): void {
  if (state === undefined) return;
  Atomics.store(state, 0, reached);
  Atomics.notify(state, 0);
}

async function follow(order: DigestOrder): Promise<DigestAnswer | undefined> {
  const { id } = order;
  switch (order.what) {
    case "file":
      return { id, digests: await fileDigests(order.path, order.size, order.algorithms, order.partSize) };
    case "plan":
      return { id, digest: (await withDigests(order.plan)).digest! };
    case "follow":
      followed.set(id, await followFile(order.path, order.algorithm));
      return undefined;
    case "reach":
      // Nothing more of one that failed.
      followed.get(id)?.reach(order.bytes);
      return undefined;
    case "end": {
      const digest = followed.get(id)?.digest();
      leave(id);
      return digest === undefined ? undefined : { id, digest };
    }
    case "leave":
      leave(id);
      return undefined;
  }
}

function leave(id: number): void {
  followed.get(id)?.close();
  followed.delete(id);
}
