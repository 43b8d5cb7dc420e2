import { SHARE_ENV, Worker } from "node:worker_threads";
import { messageOf, TraceletError } from "../../../src/errors.js";
import type { FromSender, SenderQuestion, ToSender } from "./sender-messages.js";

/** What the sending thread tells of a run without being asked. */
export interface SenderListener {
  warn(message: string): void;
  address(url: string): void;
  arrived(offset: number): void;
}

/** The connection to the thread that sends runs. */
export interface SenderLink {
  /** A number for a run, under which it is told of. */
  open(listener: SenderListener): number;
  close(run: number): void;
  say(message: ToSender): void;
  /** Rejects with what cannot be, or when the thread is gone. */
  ask(run: number, question: SenderQuestion): Promise<unknown>;
}

let current: SenderLink | undefined;

/** The link of this thread; the sending thread starts when the first run needs it. */
export function senderLink(): SenderLink {
  current ??= startLink();
  return current;
}

function startLink(): SenderLink {
  const worker = new Worker(new URL("./sender-thread.js", import.meta.url), {
    name: "tracelet-sender",
    env: SHARE_ENV,
    execArgv: [],
  });
  const listeners = new Map<number, SenderListener>();
  const questions = new Map<
    number,
    { readonly answer: (value: unknown) => void; readonly refuse: (error: Error) => void }
  >();
  let nextRun = 1;
  let nextId = 1;
  let lost: Error | undefined;
  // Only what somebody waits for keeps the process.
  worker.unref();

  const settle = (id: number) => {
    const question = questions.get(id);
    questions.delete(id);
    if (questions.size === 0) worker.unref();
    return question;
  };
  worker.on("message", (message: FromSender) => {
    switch (message.type) {
      case "answer":
        settle(message.id)?.answer(message.value);
        return;
      case "refusal": {
        const code = message.isOption ? "invalid-option" : "backend-failed";
        settle(message.id)?.refuse(new TraceletError(code, message.message, { backend: "wandb" }));
        return;
      }
      case "warn":
        listeners.get(message.run)?.warn(message.message);
        return;
      case "address":
        listeners.get(message.run)?.address(message.url);
        return;
      case "arrived":
        listeners.get(message.run)?.arrived(message.offset);
    }
  });
  const lose = (reason: string): void => {
    if (lost !== undefined) return;
    lost = new TraceletError("backend-failed", `what sends runs has ended (${reason}); the journal goes on`, {
      backend: "wandb",
    });
    if (current === link) current = undefined;
    for (const { refuse } of questions.values()) refuse(lost);
    questions.clear();
    for (const listener of listeners.values()) listener.warn(lost.message);
  };
  worker.on("error", (error: unknown) => lose(messageOf(error)));
  worker.on("exit", (code) => lose(`code ${code}`));

  const link: SenderLink = {
    open(listener) {
      const run = nextRun++;
      listeners.set(run, listener);
      return run;
    },
    close: (run) => void listeners.delete(run),
    say(message) {
      if (lost === undefined) worker.postMessage(message);
    },
    ask(run, question) {
      if (lost !== undefined) return Promise.reject(lost);
      const id = nextId++;
      return new Promise((answer, refuse) => {
        questions.set(id, { answer, refuse });
        worker.ref();
        worker.postMessage({ type: "question", run, id, question } satisfies ToSender);
      });
    },
  };
  return link;
}
