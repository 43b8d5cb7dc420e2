/**
 * One file of a file stream: lines at numbered places. Sending the same lines again at the same offset changes
 * nothing, which is how a client may repeat a request whose answer got lost. Every writer of a shared run counts its
 * own lines, so each has its own list; a run with one client has one, under the empty name.
 */
export type LineFile = Map<string, (string | undefined)[]>;

export function createLineFile(): LineFile {
  return new Map();
}

/** Puts `content` at `offset`; places that were skipped stay undefined. */
export function writeLines(file: LineFile, writer: string, offset: number, content: readonly string[]): void {
  const lines = file.get(writer) ?? [];
  file.set(writer, lines);
  while (lines.length < offset) lines.push(undefined);
  for (const [index, line] of content.entries()) lines[offset + index] = line;
}

export function countLines(file: LineFile): number {
  let count = 0;
  for (const lines of file.values()) count += lines.length;
  return count;
}

/** All lines that were written, writer after writer. */
export function writtenLines(file: LineFile): string[] {
  return [...file.values()].flat().filter((line) => line !== undefined);
}

/** How many places were skipped: 0 in every run that arrived whole. */
export function countHoles(file: LineFile): number {
  return countLines(file) - writtenLines(file).length;
}
