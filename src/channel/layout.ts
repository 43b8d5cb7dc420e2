/**
 * The memory the script's thread and the logging worker share: a block of control words and a ring of 8-byte slots.
 *
 * One thread writes, one reads. Positions count slots for ever and wrap at 32 bits, so `(head - tail) | 0` is the
 * number of slots in use. A frame is a run of slots that never crosses the ring's end; its first slot holds
 * `kind | slots << 8` and one 32-bit operand.
 */

/** 8 MiB: 262,144 scalars. */
export const RING_SLOTS = 1 << 20;
export const SLOT_MASK = RING_SLOTS - 1;

/** Control words (Int32). */
export const Word = {
  /** Slots written and visible to the reader; with `ASLEEP` while the reader does not look by itself. */
  head: 0,
  /** Slots the reader has taken into its own memory. */
  tail: 1,
  /** Free slots the writer waits for; 0 when it does not wait. */
  wanted: 2,
  /** Counts up whenever the reader has made the wanted room; the writer sleeps on it. */
  room: 3,
  /** Highest number of a synchronous request the worker has finished; the writer sleeps on it. */
  answered: 4,
  /** Counts up at every look at the ring: a worker that hangs stops counting. */
  heartbeat: 5,
  /** One of `WorkerState`. */
  state: 6,
} as const;
export const CONTROL_WORDS = 16;

/**
 * What a reader that sleeps, behind an empty ring, adds to the head: the writer finds it when it puts its new head in place, so
 * that it costs the writer nothing to know. No head is ever that far from the tail.
 */
export const ASLEEP = 1 << 31;

export const WorkerState = { starting: 0, running: 1, gone: 2 } as const;

export const Frame = {
  /** Fills the end of the ring; the next frame starts at slot 0. */
  skip: 1,
  /** Operand: series. Slots: value, step (NaN: none), wall time. */
  scalar: 2,
  /** Operand: count, and `commit` above its 24 bits. Slots: step, wall time, then the values, then the series (two a slot). */
  row: 3,
  /** Operand: bytes in this frame. A message's first frame; its first slot after the header is the total length. */
  message: 4,
  /** Operand: bytes in this frame. Further bytes of the message begun before. */
  part: 5,
} as const;

/** How `commit` of a row travels. */
export const Commit = { unsaid: 0, yes: 1, no: 2 } as const;
export const COMMIT_SHIFT = 24;

/** A message goes in pieces of at most this many slots (1 MiB), so that one of any size fits through the ring. */
export const PIECE_SLOTS = RING_SLOTS >> 3;

/** What both threads are given. */
export interface SharedMemory {
  readonly control: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
}

export function createSharedMemory(): SharedMemory {
  return {
    control: new SharedArrayBuffer(CONTROL_WORDS * 4),
    ring: new SharedArrayBuffer(RING_SLOTS * 8),
  };
}
