import type { ScalarColumns } from "../../src/events/event.js";
import { type EventFile, type EventFileOptions, openEventFile } from "./event-file.js";
import type { EventMessage } from "./messages.js";
import { appendRecord, createRecordBuffer } from "./records.js";
import { appendScalar } from "./scalar-encoder.js";
import { encodeEvent } from "./schema.js";

/**
 * Writes one event file of TensorBoard, without anything else of tracelet. Every call has handed its records to the
 * operating system when it returns, so they survive the process; a failed call leaves the file as it was.
 *
 * @example
 * ```ts
 * const writer = new EventFileWriter("runs/demo");
 * for (let step = 0; step < 100; step++) writer.addScalar("loss", 1 / (1 + step), step);
 * writer.close();
 * ```
 */
export class EventFileWriter {
  readonly #file: EventFile;
  readonly #buffer = createRecordBuffer(1024);

  /**
   * Creates `folder` and a new file in it.
   *
   * @throws TraceletError `backend-failed` when that is not possible.
   */
  constructor(folder: string, options: EventFileOptions = {}) {
    this.#file = openEventFile(folder, options);
  }

  /** The file being written. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * Appends one scalar, stored as float32.
   *
   * @param step An integer; absent reads as 0.
   * @param wallTime Seconds since the epoch; now when absent.
   */
  addScalar(tag: string, value: number, step = 0, wallTime = Date.now() / 1000): void {
    appendScalar(this.#buffer, tag, value, step, wallTime);
    this.#write();
  }

  /** Appends many scalars with one write. */
  addScalars({ length, tags, values, steps, wallTimes }: ScalarColumns): void {
    for (let i = 0; i < length; i++)
      appendScalar(this.#buffer, tags[i]!, values[i]!, steps[i]!, wallTimes[i]!);
    this.#write();
  }

  /** Appends any event. */
  addEvent(event: EventMessage): void {
    appendRecord(this.#buffer, encodeEvent(event));
    this.#write();
  }

  /** Returns when everything is on the disk. */
  flush(): void {
    this.#file.flush();
  }

  /** Closes the file; idempotent. */
  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #write(): void {
    const { bytes, length } = this.#buffer;
    this.#buffer.length = 0;
    this.#file.append(bytes, length);
  }
}
