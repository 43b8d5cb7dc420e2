/**
 * The thread that sends runs: one beside the logging worker, however many runs. What it does at length (encoding,
 * hashing, encryption, loading its own code) then keeps nothing of what is logged from its journal.
 */
import { parentPort } from "node:worker_threads";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { createReach } from "../server/reach.js";
import { openServer } from "../server/server.js";
import { findLiveBranch } from "./live-branch.js";
import { type LiveRun, startLiveRun } from "./live-run.js";
import type { FromSender, SenderQuestion, SenderStart, ToSender } from "./sender-messages.js";

interface SentRun {
  readonly live: LiveRun;
  written: number;
}

const runs = new Map<number, SentRun>();
const port = parentPort!;
const say = (message: FromSender): void => port.postMessage(message);

function start(run: number, { settings, apiKey, ...rest }: SenderStart): void {
  const { values } = settings;
  const warn = (message: string) => say({ type: "warn", run, message });
  const reach = createReach();
  const server = openServer({ values, apiKey, env: process.env, warn, onAnswer: reach.observe });
  if (server === undefined) throw new TraceletError("backend-failed", "no API key", { backend: "wandb" });
  const live = startLiveRun({
    ...rest,
    server,
    reach,
    values,
    written: () => sent.written,
    warn,
    address: (url) => say({ type: "address", run, url }),
    arrived: (offset) => say({ type: "arrived", run, offset }),
  });
  const sent: SentRun = { live, written: 0 };
  runs.set(run, sent);
}

async function answer(run: number, question: SenderQuestion): Promise<unknown> {
  if (question.ask === "branch") return findLiveBranch(question.prepared);
  const sent = runs.get(run);
  if (sent === undefined)
    throw new TraceletError("backend-failed", "the run is not sent", { backend: "wandb" });
  switch (question.ask) {
    case "connected":
      return sent.live.connected;
    case "flush":
      return sent.live.flush();
    case "serve":
      return sent.live.serve(question.request);
    case "savesCode":
      return sent.live.savesCode();
    case "finish":
      runs.delete(run);
      return sent.live.finish(question.deadlineMs);
  }
}

port.on("message", (message: ToSender) => {
  const { run } = message;
  if (message.type === "start") {
    try {
      start(run, message.start);
    } catch (error) {
      say({ type: "warn", run, message: messageOf(error) });
    }
  } else if (message.type === "written") {
    const sent = runs.get(run);
    if (sent === undefined) return;
    sent.written = message.size;
    sent.live.grown();
  } else {
    const { id } = message;
    answer(run, message.question).then(
      (value) => say({ type: "answer", id, value }),
      (error: unknown) =>
        say({
          type: "refusal",
          id,
          message: messageOf(error),
          isOption: error instanceof TraceletError && error.code === "invalid-option",
        }),
    );
  }
});
