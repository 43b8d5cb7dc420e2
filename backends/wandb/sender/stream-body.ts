import type { EncodedLines } from "./stream-lines.js";

/** Names of a run's streamed files. */
export const HISTORY = "wandb-history.jsonl";
export const EVENTS = "wandb-events.jsonl";
export const SUMMARY = "wandb-summary.json";
export const CONSOLE = "output.log";

/** The body of a request of the file stream; keys without content are absent. */
export interface StreamBody {
  /** By name; an object of the order in which they were packed. */
  files?: { [name: string]: StreamFile };
  uploaded?: readonly string[];
  preempting?: true;
  complete?: true;
  exitcode?: number;
}

export interface StreamFile {
  /** Number of the first line. */
  readonly offset: number;
  readonly content: readonly EncodedLines[];
}

const COMMA = Buffer.from(",");

/** The body as JSON. Its lines are encoded already; what is left is to put them together. */
export function encodeBody({ files, ...rest }: StreamBody): Buffer {
  if (files === undefined) return Buffer.from(JSON.stringify(rest));
  const parts: Uint8Array[] = [];
  let before = '{"files":{';
  for (const [name, { offset, content }] of Object.entries(files)) {
    parts.push(Buffer.from(`${before}${JSON.stringify(name)}:{"offset":${offset},"content":[`));
    for (const [index, lines] of content.entries()) {
      if (index > 0) parts.push(COMMA);
      parts.push(lines);
    }
    before = "]},";
  }
  const others = JSON.stringify(rest).slice(1);
  parts.push(Buffer.from(others === "}" ? "]}}}" : `]}},${others}`));
  return Buffer.concat(parts);
}
