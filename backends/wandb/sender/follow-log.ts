import { setImmediate } from "node:timers/promises";
import { type LogEnd, readRecordBytes } from "../transaction-log/reader.js";

/** Between two turns of the event loop: this thread also takes what the script logs, and has sockets to serve. */
const SLICE_MS = 3;
/** The clock is asked after this many records. */
const RECORDS_PER_LOOK = 64;

export interface FollowOptions {
  readonly logFile: string;
  /**
   * Takes the next record; a promise holds the following ones back. The bytes are good until then.
   *
   * @returns false to stop
   */
  take(bytes: Uint8Array): boolean | Promise<boolean>;
  /** Called between two turns of the event loop, and when all that is there has been taken; everything before `offset` has. */
  pause(offset: number): void | Promise<void>;
  /** Resolves with whether there is more to wait for; asked at the end of what is there. */
  more(): Promise<boolean>;
}

/** Hands over the records of a log that may still be growing; resolves with how it ended, or undefined when stopped. */
export async function followLog({ logFile, take, pause, more }: FollowOptions): Promise<LogEnd | undefined> {
  let from = 0;
  for (;;) {
    const records = readRecordBytes(logFile, from);
    let began = performance.now();
    for (let count = 1; ; count++) {
      const next = records.next();
      if (next.done) {
        const end = next.value;
        from = end.offset;
        await pause(end.offset);
        if (end.reason === "corrupt" || !(await more())) return end;
        break;
      }
      const { bytes, end } = next.value;
      const taken = take(bytes);
      if (!(typeof taken === "boolean" ? taken : await taken)) {
        records.return({ reason: "end", offset: end });
        await pause(end);
        return undefined;
      }
      if (count % RECORDS_PER_LOOK !== 0 || performance.now() - began < SLICE_MS) continue;
      await pause(end);
      await setImmediate();
      began = performance.now();
    }
  }
}
