import { writeSync } from "node:fs";

const WAIT_MS = 5;
/** A reader of the pipe that takes nothing for this long is taken for gone. */
const LONGEST_WAIT_MS = 2_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes everything to stdout (1) or stderr (2), whichever thread calls. Throws when the reader is gone. */
export function printBytes(fd: 1 | 2, bytes: Uint8Array): void {
  let waited = 0;
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
      waited = 0;
    } catch (error) {
      // The script's thread may have made the pipe non-blocking; when it is full, its reader needs a moment.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || waited >= LONGEST_WAIT_MS) throw error;
      Atomics.wait(sleeper, 0, 0, WAIT_MS);
      waited += WAIT_MS;
    }
  }
}
