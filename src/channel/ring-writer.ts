import {
  COMMIT_SHIFT,
  Commit,
  Frame,
  PIECE_SLOTS,
  RING_SLOTS,
  type SharedMemory,
  SLOT_MASK,
  Word,
  WorkerState,
} from "./layout.js";

/** How long a worker may go without looking at the ring before the script stops waiting for it. */
const HUNG_AFTER_MS = 20_000;
/** How often a waiting writer looks whether the worker is still there. */
const WAIT_SLICE_MS = 100;

/**
 * The producer's end of the ring. A class because its fields are the hot path's registers: `scalar` runs a few
 * arithmetic instructions, five stores and one atomic exchange; it allocates nothing, cannot fail, and makes a call out only
 * when the worker sleeps.
 */
export class RingWriter {
  /** Times the script had to wait for room, and how long in all (milliseconds). */
  waits = 0;
  waitedMs = 0;
  /** True once the worker was found gone or hung; everything written after is ignored. */
  closed = false;

  readonly #onGone: () => void;
  readonly #wake: () => void;
  readonly #control: Int32Array;
  readonly #u32: Uint32Array;
  readonly #f64: Float64Array;
  readonly #bytes: Uint8Array;
  #head = 0;
  /** The reader's position as last seen; it only moves forward, so an old value is safe. */
  #tail = 0;

  /**
   * @param onGone called when the writer itself finds the worker gone or hung, after it has closed
   * @param wake makes the worker look at the ring, when something was written while it was asleep
   */
  constructor(memory: SharedMemory, onGone: () => void, wake: () => void) {
    this.#onGone = onGone;
    this.#wake = wake;
    this.#control = new Int32Array(memory.control);
    this.#u32 = new Uint32Array(memory.ring);
    this.#f64 = new Float64Array(memory.ring);
    this.#bytes = new Uint8Array(memory.ring);
  }

  scalar(series: number, value: number, step: number, wallTime: number): void {
    const slot = this.#reserve(4);
    if (slot < 0) return;
    this.#u32[slot * 2] = Frame.scalar | (4 << 8);
    this.#u32[slot * 2 + 1] = series;
    const f64 = this.#f64;
    f64[slot + 1] = value;
    f64[slot + 2] = step;
    f64[slot + 3] = wallTime;
    this.#publish(4);
  }

  /** Values and series of one step; only the first `count` entries are taken, at most `PIECE_SLOTS / 2`. */
  row(
    series: readonly number[],
    values: readonly number[],
    count: number,
    step: number,
    wallTime: number,
    commit: boolean | undefined,
  ): void {
    const slots = 3 + count + ((count + 1) >> 1);
    const slot = this.#reserve(slots);
    if (slot < 0) return;
    this.#u32[slot * 2] = Frame.row | (slots << 8);
    const said = commit === undefined ? Commit.unsaid : commit ? Commit.yes : Commit.no;
    this.#u32[slot * 2 + 1] = count | (said << COMMIT_SHIFT);
    this.#f64[slot + 1] = step;
    this.#f64[slot + 2] = wallTime;
    for (let i = 0; i < count; i++) this.#f64[slot + 3 + i] = values[i]!;
    const ids = (slot + 3 + count) * 2;
    for (let i = 0; i < count; i++) this.#u32[ids + i] = series[i]!;
    this.#publish(slots);
  }

  /** The bytes of all parts, in order, as one message. */
  message(parts: readonly Uint8Array[]): void {
    let left = 0;
    for (const part of parts) left += part.byteLength;
    const total = left;
    let partIndex = 0;
    let partOffset = 0;
    let first = true;
    do {
      const headerSlots = first ? 2 : 1;
      const length = Math.min(left, (PIECE_SLOTS - headerSlots) * 8);
      const slots = headerSlots + ((length + 7) >> 3);
      const slot = this.#reserve(slots);
      if (slot < 0) return;
      this.#u32[slot * 2] = (first ? Frame.message : Frame.part) | (slots << 8);
      this.#u32[slot * 2 + 1] = length;
      if (first) this.#f64[slot + 1] = total;
      let at = (slot + headerSlots) * 8;
      const end = at + length;
      while (at < end) {
        const part = parts[partIndex]!;
        const size = Math.min(end - at, part.byteLength - partOffset);
        this.#bytes.set(size === part.byteLength ? part : part.subarray(partOffset, partOffset + size), at);
        at += size;
        partOffset += size;
        if (partOffset === part.byteLength) {
          partIndex++;
          partOffset = 0;
        }
      }
      this.#publish(slots);
      left -= length;
      first = false;
    } while (left > 0);
  }

  /** Where the next frame will stand; positions count 8-byte slots and wrap at 32 bits. */
  get head(): number {
    return this.#head;
  }

  /** Up to where the worker has taken frames into its own memory. */
  get tail(): number {
    return Atomics.load(this.#control, Word.tail);
  }

  /** Bytes written and not yet taken by the worker. */
  get backlogBytes(): number {
    return ((this.#head - this.tail) | 0) * 8;
  }

  /** Sleeps until the worker has answered request `id`, it is gone or hung, or the time is up; true if answered. */
  awaitAnswer(id: number, timeoutMs: number): boolean {
    const control = this.#control;
    const waited = createStopwatch();
    const watch = this.#hangWatch();
    for (;;) {
      const answered = Atomics.load(control, Word.answered);
      if (answered >= id) return true;
      const left = timeoutMs - waited();
      if (left <= 0 || watch()) return false;
      Atomics.wait(control, Word.answered, answered, Math.min(left, WAIT_SLICE_MS));
    }
  }

  /** Index of the first of `slots` free slots in a row; -1 when the worker is gone. */
  #reserve(slots: number): number {
    const at = this.#head & SLOT_MASK;
    const untilEnd = RING_SLOTS - at;
    const needed = slots <= untilEnd ? slots : untilEnd + slots;
    if (RING_SLOTS - ((this.#head - this.#tail) | 0) < needed && !this.#makeRoom(needed)) return -1;
    if (slots <= untilEnd) return at;
    this.#u32[at * 2] = Frame.skip | (untilEnd << 8);
    this.#publish(untilEnd);
    return 0;
  }

  #publish(slots: number): void {
    const before = this.#head;
    this.#head = (before + slots) | 0;
    // A reader that sleeps has changed the head.
    if (Atomics.exchange(this.#control, Word.head, this.#head) !== before) this.#wake();
  }

  /** Looks at the reader's position again and, if the ring really is full, sleeps until a quarter of it is free. */
  #makeRoom(needed: number): boolean {
    if (this.closed) return false;
    const control = this.#control;
    const free = () => {
      this.#tail = Atomics.load(control, Word.tail);
      return RING_SLOTS - ((this.#head - this.#tail) | 0);
    };
    if (free() >= needed) return true;
    const wanted = Math.max(needed, RING_SLOTS >> 2);
    const started = performance.now();
    const watch = this.#hangWatch();
    this.waits++;
    for (;;) {
      const room = Atomics.load(control, Word.room);
      Atomics.store(control, Word.wanted, wanted);
      if (free() >= wanted) break;
      if (watch()) {
        this.closed = true;
        break;
      }
      Atomics.wait(control, Word.room, room, WAIT_SLICE_MS);
    }
    Atomics.store(control, Word.wanted, 0);
    this.waitedMs += performance.now() - started;
    if (this.closed) this.#onGone();
    return !this.closed;
  }

  /** A function that tells whether the worker is gone, or has not looked at the ring for too long. */
  #hangWatch(): () => boolean {
    let beat = Atomics.load(this.#control, Word.heartbeat);
    let silent = createStopwatch();
    return () => {
      if (Atomics.load(this.#control, Word.state) === WorkerState.gone) return true;
      const now = Atomics.load(this.#control, Word.heartbeat);
      if (now !== beat) {
        beat = now;
        silent = createStopwatch();
      }
      return silent() > HUNG_AFTER_MS;
    };
  }
}

/**
 * Milliseconds since it was made, for a thread that looks at least every `WAIT_SLICE_MS`. What goes beyond is time in
 * which the process was stopped (Ctrl-Z, a paused container) and the worker could not answer either.
 */
function createStopwatch(): () => number {
  let last = performance.now();
  let elapsed = 0;
  return () => {
    const now = performance.now();
    elapsed += Math.min(now - last, 2 * WAIT_SLICE_MS);
    last = now;
    return elapsed;
  };
}
