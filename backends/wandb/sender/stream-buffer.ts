import { CONSOLE, EVENTS, HISTORY, type StreamBody, SUMMARY } from "./stream-body.js";
import { createConsoleBuffer } from "./stream-console.js";
import { createLineQueue, encodeLines, type LineQueue } from "./stream-lines.js";

/** Numbers of the first lines of each file: 0, or what the server already has of a resumed run. */
export interface StreamOffsets {
  readonly history: number;
  readonly events: number;
  readonly console: number;
}

/** A request, and what the server has once it has accepted it. */
export interface StreamRequest {
  readonly body: StreamBody;
  /** Lines of each kind since the start, this request's among them. */
  readonly history: number;
  readonly events: number;
  /** One past the highest console line ever taken. */
  readonly consoleEnd: number;
  readonly uploaded: readonly string[];
}

/** A moment of the buffer, to find out whether all that was given before has been taken. */
export interface StreamMark {
  readonly history: number;
  readonly events: number;
  readonly others: number;
}

/** What waits to be sent: lines are appended, a summary or console line replaces the one before. */
export interface StreamBuffer {
  /** Of the lines that wait, without the summary. */
  readonly bytes: number;
  readonly isEmpty: boolean;
  history(line: string, bytes: number): void;
  event(line: string, bytes: number): void;
  consoleLine(index: number, text: string): void;
  summary(json: string | (() => string)): void;
  uploaded(name: string): void;
  preempting(): void;
  /** The lowest console line that waits; Infinity when there is none. */
  lowestConsoleLine(): number;
  mark(): StreamMark;
  /** Whether everything from before a mark was taken. */
  hasPassed(mark: StreamMark): boolean;
  /**
   * Takes one request off the buffer: history, events, summary, console, then the rest, until it is full.
   *
   * @param maxBytes the sum of its lines' bytes. A single line always fits.
   * @param until lines that came after this mark stay, so that a source that never rests cannot put off what it marked.
   */
  take(maxBytes: number, until?: StreamMark): StreamRequest;
  clear(): void;
}

export interface StreamBufferOptions {
  readonly offsets: StreamOffsets;
  /** The most that one request will take. */
  readonly maxBytes: number;
  /** A longer summary is skipped; asked each time. */
  readonly maxSummaryBytes: () => number;
  onSummarySkipped(bytes: number): void;
}

export function createStreamBuffer(options: StreamBufferOptions): StreamBuffer {
  const { offsets } = options;
  const history = createLineQueue(options.maxBytes);
  const events = createLineQueue(options.maxBytes);
  const console = createConsoleBuffer();
  const uploaded = new Set<string>();
  let summary: string | (() => string) | undefined;
  let isPreempting = false;
  let consoleEnd = 0;
  /** Counts all that is neither history nor events; `since`: the oldest that waits of what has only one place. */
  let others = 0;
  let since = Number.POSITIVE_INFINITY;

  const other = (): void => {
    others += 1;
    since = Math.min(since, others);
  };

  const takeSummary = (room: number, isFirst: boolean): string | undefined => {
    if (summary === undefined) return undefined;
    const json = typeof summary === "string" ? summary : summary();
    const bytes = Buffer.byteLength(json);
    if (bytes > options.maxSummaryBytes()) {
      summary = undefined;
      options.onSummarySkipped(bytes);
      return undefined;
    }
    if (bytes > room && !isFirst) return undefined;
    summary = undefined;
    return json;
  };

  return {
    get bytes() {
      return history.bytes + events.bytes + console.bytes;
    },
    get isEmpty() {
      return (
        history.isEmpty &&
        events.isEmpty &&
        console.isEmpty &&
        summary === undefined &&
        uploaded.size === 0 &&
        !isPreempting
      );
    },
    history: (line, bytes) => history.add(line, bytes),
    event: (line, bytes) => events.add(line, bytes),
    consoleLine(index, text) {
      others += 1;
      console.set(index, text, others);
    },
    summary(json) {
      other();
      summary = json;
    },
    uploaded(name) {
      other();
      uploaded.add(name);
    },
    preempting() {
      other();
      isPreempting = true;
    },
    lowestConsoleLine: () => console.lowest(),
    mark: () => ({ history: history.mark(), events: events.mark(), others }),
    hasPassed: (mark) =>
      history.taken >= mark.history &&
      events.taken >= mark.events &&
      Math.min(since, console.oldest) > mark.others,
    take(maxBytes, until) {
      const files: NonNullable<StreamBody["files"]> = {};
      let room = maxBytes;
      const lines = (name: string, offset: number, queue: LineQueue, end: number): void => {
        const first = queue.taken;
        const before = queue.bytes;
        const content = queue.take(room, end, room === maxBytes);
        room -= before - queue.bytes;
        if (content.length > 0) files[name] = { offset: offset + first, content };
      };
      lines(HISTORY, offsets.history, history, until?.history ?? history.given);
      lines(EVENTS, offsets.events, events, until?.events ?? events.given);
      const json = takeSummary(room, room === maxBytes);
      if (json !== undefined) {
        room -= Buffer.byteLength(json);
        files[SUMMARY] = { offset: 0, content: [encodeLines([json])] };
      }
      const run = console.take(room, room === maxBytes);
      if (run !== undefined) {
        const end = run.first + run.lines.length;
        files[CONSOLE] = { offset: offsets.console + run.first, content: [encodeLines(run.lines)] };
        consoleEnd = Math.max(consoleEnd, end);
      }

      const body: StreamBody = {};
      if (Object.keys(files).length > 0) body.files = files;
      if (uploaded.size > 0) body.uploaded = [...uploaded];
      if (isPreempting) body.preempting = true;
      uploaded.clear();
      isPreempting = false;
      if (summary === undefined) since = Number.POSITIVE_INFINITY;
      return {
        body,
        history: history.taken,
        events: events.taken,
        consoleEnd,
        uploaded: body.uploaded ?? [],
      };
    },
    clear() {
      history.clear();
      events.clear();
      console.clear();
      uploaded.clear();
      summary = undefined;
      isPreempting = false;
      since = Number.POSITIVE_INFINITY;
    },
  };
}
