import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { ArtifactPlan } from "../manifest.js";
import {
  type DigestAnswer,
  type DigestOrder,
  THREAD,
  type ThreadData,
  ThreadState,
} from "./thread-messages.js";

/** A thread that has not begun by then will not. */
const START_MS = 30_000;

/**
 * The digest of an artifact whose algorithm has no synchronous form, for a caller that cannot wait otherwise: blocks its
 * thread until another one has read the files.
 *
 * @throws Error when a file cannot be read.
 */
export function digestNow(plan: ArtifactPlan): string {
  const { port1, port2 } = new MessageChannel();
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const data: ThreadData = { answers: port2, state };
  const thread = new Worker(THREAD, { execArgv: [], workerData: data, transferList: [port2] });
  try {
    const order: DigestOrder = { id: 1, what: "plan", plan };
    thread.postMessage(order);
    if (Atomics.wait(state, 0, ThreadState.starting, START_MS) === "timed-out")
      throw new Error("the thread that reads files did not start");
    Atomics.wait(state, 0, ThreadState.begun);
    const answer = receiveMessageOnPort(port1)!.message as DigestAnswer;
    if ("problem" in answer) throw new Error(answer.problem);
    return (answer as { readonly digest: string }).digest;
  } finally {
    port1.close();
    void thread.terminate();
  }
}
