/**
 * One file of a file stream: lines at numbered places. Sending the same lines again at the same offset changes
 * nothing, which is how a client may repeat a request whose answer got lost. Every writer of a shared run counts its
 * own lines, from wherever it begins (the official client begins at the run's line count); a run with one client has
 * one writer, with the empty name, whose lines begin at 0.
 */
export type LineFile = Map<string, WriterLines>;

export interface WriterLines {
  readonly base: number;
  readonly lines: (string | undefined)[];
}

export function createLineFile(): LineFile {
  return new Map();
}

/** Puts `content` at `offset`; places that were skipped stay undefined. */
export function writeLines(file: LineFile, writer: string, offset: number, content: readonly string[]): void {
  const { base, lines } = file.get(writer) ?? { base: writer === "" ? 0 : offset, lines: [] };
  file.set(writer, { base, lines });
  while (base + lines.length < offset) lines.push(undefined);
  for (const [index, line] of content.entries()) lines[offset - base + index] = line;
}

export function countLines(file: LineFile): number {
  let count = 0;
  for (const { lines } of file.values()) count += lines.length;
  return count;
}

/** All lines that were written, writer after writer. */
export function writtenLines(file: LineFile): string[] {
  return [...file.values()].flatMap(({ lines }) => lines).filter((line) => line !== undefined);
}

/** How many places were skipped: 0 in every run that arrived whole. */
export function countHoles(file: LineFile): number {
  return countLines(file) - writtenLines(file).length;
}

/** Keeps the lines that pass. */
export function keepLines(file: LineFile, passes: (line: string) => boolean): void {
  for (const [writer, { base, lines }] of file)
    file.set(writer, { base, lines: lines.filter((line) => line !== undefined && passes(line)) });
}
