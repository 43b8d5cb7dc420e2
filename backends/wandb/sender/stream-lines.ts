/**
 * Lines are encoded in pieces of about this size, in bytes of the lines: soon, so that they are not kept as strings. Ten
 * million bytes of strings that wait cost the garbage collector more time than everything else here.
 */
const PIECE_BYTES = 64 << 10;

/** Lines as JSON strings with commas between them: a part of the `content` of a file. */
export type EncodedLines = Uint8Array;

export function encodeLines(lines: readonly string[]): EncodedLines {
  // Without the brackets.
  return Buffer.from(JSON.stringify(lines)).subarray(1, -1);
}

/** Lines that wait, in the order they came. */
export interface LineQueue {
  /** Of the lines as they were given. */
  readonly bytes: number;
  readonly isEmpty: boolean;
  /** Lines ever added and ever taken. */
  readonly given: number;
  readonly taken: number;
  add(line: string, bytes: number): void;
  /** Notes the present end: `given`, at which `take` can stop. */
  mark(): number;
  /**
   * Takes lines of at most `room` bytes from the front, to within a piece.
   *
   * @param end a mark, whose later lines stay
   * @param always takes one piece however large it is: a single line may be
   */
  take(room: number, end: number, always: boolean): readonly EncodedLines[];
  clear(): void;
}

interface Piece {
  readonly json: EncodedLines;
  readonly bytes: number;
  readonly lines: number;
}

/** @param maxBytes of a piece, if that is less than it would be */
export function createLineQueue(maxBytes: number): LineQueue {
  const pieceBytes = Math.min(PIECE_BYTES, maxBytes);
  let pieces: Piece[] = [];
  /** The last piece, still open. */
  let lines: string[] = [];
  let lineBytes = 0;
  let bytes = 0;
  let given = 0;
  let taken = 0;

  const closePiece = (): void => {
    if (lines.length === 0) return;
    pieces.push({ json: encodeLines(lines), bytes: lineBytes, lines: lines.length });
    lines = [];
    lineBytes = 0;
  };

  return {
    get bytes() {
      return bytes;
    },
    get isEmpty() {
      return given === taken;
    },
    get given() {
      return given;
    },
    get taken() {
      return taken;
    },
    add(line, size) {
      if (lineBytes + size > pieceBytes) closePiece();
      lines.push(line);
      lineBytes += size;
      bytes += size;
      given += 1;
    },
    mark() {
      closePiece();
      return given;
    },
    take(room, end, always) {
      closePiece();
      const content: EncodedLines[] = [];
      let left = room;
      for (const piece of pieces) {
        const fits = piece.bytes <= left || (always && content.length === 0);
        if (!fits || taken + piece.lines > end) break;
        content.push(piece.json);
        left -= piece.bytes;
        bytes -= piece.bytes;
        taken += piece.lines;
      }
      pieces = pieces.slice(content.length);
      return content;
    },
    clear() {
      pieces = [];
      lines = [];
      lineBytes = 0;
      bytes = 0;
      taken = given;
    },
  };
}
