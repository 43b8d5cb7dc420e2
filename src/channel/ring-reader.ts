import {
  ASLEEP,
  COMMIT_SHIFT,
  Commit,
  Frame,
  RING_SLOTS,
  type SharedMemory,
  SLOT_MASK,
  Word,
} from "./layout.js";

/** What a reader does with each frame. */
export interface FrameSink {
  scalar(series: number, value: number, step: number, wallTime: number): void;
  /** `values` and `series` are the reader's own and reused; take the first `count`. */
  row(
    series: Uint32Array,
    values: Float64Array,
    count: number,
    step: number,
    wallTime: number,
    commit: boolean | undefined,
  ): void;
  /** The sink owns the bytes. */
  message(bytes: Uint8Array<ArrayBuffer>): void;
  /** There is no memory for a message of this many bytes. */
  tooLarge(bytes: number): void;
}

/** The room is handed back to a waiting writer after this many slots, not after each frame. */
const RELEASE_SLOTS = 8192;

/** The consumer's end of the ring. */
export class RingReader {
  readonly #control: Int32Array;
  readonly #u32: Uint32Array;
  readonly #f64: Float64Array;
  readonly #bytes: Uint8Array;
  #tail = 0;
  /** A message whose parts are still arriving. */
  #pending: Uint8Array<ArrayBuffer> | undefined;
  #pendingLength = 0;
  /** Bytes still to come of a message for which there was no memory. */
  #skipping = 0;
  #rowSeries = new Uint32Array(64);
  #rowValues = new Float64Array(64);

  constructor(memory: SharedMemory) {
    this.#control = new Int32Array(memory.control);
    this.#u32 = new Uint32Array(memory.ring);
    this.#f64 = new Float64Array(memory.ring);
    this.#bytes = new Uint8Array(memory.ring);
  }

  /** Up to where frames were taken; positions count 8-byte slots and wrap at 32 bits. */
  get tail(): number {
    return this.#tail;
  }

  /** A message has begun whose end is not there yet. */
  get midMessage(): boolean {
    return this.#pending !== undefined || this.#skipping > 0;
  }

  /** Leaves it to the writer to wake this side with its next frame; false when there is something to take now. */
  sleep(): boolean {
    return Atomics.compareExchange(this.#control, Word.head, this.#tail, this.#tail ^ ASLEEP) === this.#tail;
  }

  /** Ends the sleep; to be called before the next `read`, whoever has woken this side. */
  wake(): void {
    Atomics.compareExchange(this.#control, Word.head, this.#tail ^ ASLEEP, this.#tail);
  }

  /** Takes frames until the ring is empty or `maxSlots` are taken; true if more is waiting. */
  read(sink: FrameSink, maxSlots: number): boolean {
    const u32 = this.#u32;
    const f64 = this.#f64;
    let head = Atomics.load(this.#control, Word.head);
    let taken = 0;
    let released = 0;
    while (this.#tail !== head && taken < maxSlots) {
      const slot = this.#tail & SLOT_MASK;
      const header = u32[slot * 2]!;
      const operand = u32[slot * 2 + 1]!;
      const slots = header >>> 8;
      const kind = header & 0xff;
      if (kind === Frame.scalar) {
        sink.scalar(operand, f64[slot + 1]!, f64[slot + 2]!, f64[slot + 3]!);
      } else if (kind !== Frame.skip) {
        this.#readLarger(kind, slot, operand, sink);
      }
      this.#tail = (this.#tail + slots) | 0;
      taken += slots;
      if (taken - released >= RELEASE_SLOTS) {
        released = taken;
        this.#release();
        head = Atomics.load(this.#control, Word.head);
      }
    }
    this.#release();
    return this.#tail !== Atomics.load(this.#control, Word.head);
  }

  #readLarger(kind: number, slot: number, operand: number, sink: FrameSink): void {
    switch (kind) {
      case Frame.row: {
        const count = operand & ((1 << COMMIT_SHIFT) - 1);
        const said = operand >>> COMMIT_SHIFT;
        if (count > this.#rowValues.length) {
          this.#rowValues = new Float64Array(count * 2);
          this.#rowSeries = new Uint32Array(count * 2);
        }
        const ids = (slot + 3 + count) * 2;
        for (let i = 0; i < count; i++) {
          this.#rowValues[i] = this.#f64[slot + 3 + i]!;
          this.#rowSeries[i] = this.#u32[ids + i]!;
        }
        const commit = said === Commit.unsaid ? undefined : said === Commit.yes;
        const [step, wallTime] = [this.#f64[slot + 1]!, this.#f64[slot + 2]!];
        sink.row(this.#rowSeries, this.#rowValues, count, step, wallTime, commit);
        return;
      }
      case Frame.message:
        this.#begin(this.#f64[slot + 1]!, sink);
        this.#takeBytes((slot + 2) * 8, operand, sink);
        return;
      case Frame.part:
        this.#takeBytes((slot + 1) * 8, operand, sink);
        return;
      default:
        throw new Error(`unknown frame kind ${kind} in the logging channel`);
    }
  }

  /** Makes room for a message. A failure must not stand in the way of the frames behind it for ever. */
  #begin(total: number, sink: FrameSink): void {
    this.#pendingLength = 0;
    try {
      this.#pending = new Uint8Array(total);
    } catch {
      this.#skipping = total;
      sink.tooLarge(total);
    }
  }

  #takeBytes(from: number, length: number, sink: FrameSink): void {
    if (this.#pending === undefined) {
      this.#skipping -= length;
      return;
    }
    const message = this.#pending;
    message.set(this.#bytes.subarray(from, from + length), this.#pendingLength);
    this.#pendingLength += length;
    if (this.#pendingLength < message.byteLength) return;
    this.#pending = undefined;
    sink.message(message);
  }

  /** Gives the slots taken back to the writer, and wakes it when it has the room it waits for. */
  #release(): void {
    const control = this.#control;
    Atomics.store(control, Word.tail, this.#tail);
    const wanted = Atomics.load(control, Word.wanted);
    if (wanted === 0) return;
    const used = (Atomics.load(control, Word.head) - this.#tail) | 0;
    if (RING_SLOTS - used < wanted) return;
    Atomics.store(control, Word.wanted, 0);
    Atomics.add(control, Word.room, 1);
    Atomics.notify(control, Word.room);
  }
}
