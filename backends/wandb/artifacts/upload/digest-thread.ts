import { parentPort } from "node:worker_threads";
import type { DigestAnswer, DigestQuestion } from "./digester.js";
import { fileDigests } from "./file-digests.js";

// The thread of a digester: one question after the other.
const port = parentPort!;
port.on("message", ({ id, path, size, partSize }: DigestQuestion) => {
  let answer: DigestAnswer;
  try {
    answer = { id, digests: fileDigests(path, size, partSize) };
  } catch (error) {
    answer = { id, problem: (error as Error).message };
  }
  port.postMessage(answer);
});
