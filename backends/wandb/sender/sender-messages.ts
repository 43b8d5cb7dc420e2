import type { NativeRequest } from "../native/native-call.js";
import type { PreparedRun } from "../run/start-run.js";
import type { Branch } from "./branch.js";

/* What the thread that writes a run and the thread that sends it say to each other. Plain data. */

/** A run to be sent. */
export interface SenderStart extends Pick<PreparedRun, "settings" | "apiKey" | "writer"> {
  readonly logFile: string;
  readonly filesDir: string;
  /** The run's folder, for people. */
  readonly folder: string;
  /** Where the run goes on; `unknown` when the server could not be asked in time. */
  readonly branch: Branch | "unknown" | undefined;
}

/** What is asked about a run, and answered once. */
export type SenderQuestion =
  /** Where the run goes on; before it is started. */
  | { readonly ask: "branch"; readonly prepared: Pick<PreparedRun, "settings" | "apiKey"> }
  | { readonly ask: "connected" }
  | { readonly ask: "flush" }
  | { readonly ask: "serve"; readonly request: NativeRequest }
  | { readonly ask: "savesCode" }
  | { readonly ask: "finish"; readonly deadlineMs: number };

export type ToSender =
  | { readonly type: "start"; readonly run: number; readonly start: SenderStart }
  /** Bytes of the log that are with the operating system. */
  | { readonly type: "written"; readonly run: number; readonly size: number }
  | {
      readonly type: "question";
      readonly run: number;
      readonly id: number;
      readonly question: SenderQuestion;
    };

export type FromSender =
  | { readonly type: "warn"; readonly run: number; readonly message: string }
  | { readonly type: "address"; readonly run: number; readonly url: string }
  /** Everything in the log before it has arrived. */
  | { readonly type: "arrived"; readonly run: number; readonly offset: number }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | {
      readonly type: "refusal";
      readonly id: number;
      readonly message: string;
      /** Whether the user has asked for what cannot be. */
      readonly isOption: boolean;
    };
