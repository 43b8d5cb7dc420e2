import type { HttpAnswer } from "../server/http.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";
import { EVENTS, HISTORY, type StreamBody, type StreamFile, SUMMARY } from "./stream-body.js";
import { encodeLines } from "./stream-lines.js";

/*
 * What becomes of a request that is larger than a server takes (413). Proxies in front of servers have limits of their own
 * that no client is told of, often 1 MiB.
 */

/** What may be left out. */
export type LineKind = "history" | "events" | "summary";

const KINDS: { readonly [file: string]: LineKind } = {
  [HISTORY]: "history",
  [EVENTS]: "events",
  [SUMMARY]: "summary",
};

interface PlacedLine {
  readonly file: string;
  readonly place: number;
  readonly text: string;
}

export interface PartsOptions {
  /** Sends a request; resolves with its answer, or, of the status `returned`, with that one. */
  post(body: StreamBody, returned?: number): Promise<HttpAnswer>;
  /** A request with so many bytes of lines was too large. */
  onTooLarge(bytes: number): void;
  /** A single line, with that number at the server, was too large: its large values are left out. */
  onLeftOut(kind: LineKind, bytes: number, place: number): void;
}

const TOO_LARGE = 413;

/**
 * Sends a request, in parts if the server takes only smaller ones, one after the other. The large values of a line that is
 * refused although it is alone are left out once the server has taken a request without lines, and refused the line again: one that refuses
 * everything, or for a moment, has not measured the line.
 *
 * @returns the answers
 */
export async function postInParts(body: StreamBody, options: PartsOptions): Promise<readonly HttpAnswer[]> {
  const { post } = options;
  const answer = await post(body, TOO_LARGE);
  if (answer.status !== TOO_LARGE) return [answer];
  const halves = halve(body);
  if (halves !== undefined) {
    options.onTooLarge(lineBytes(body));
    const first = await postInParts(halves[0], options);
    return [...first, ...(await postInParts(halves[1], options))];
  }
  const line = withoutLargeValues(body);
  const takesLess = line !== undefined && (await post({}, TOO_LARGE)).status !== TOO_LARGE;
  const again = await post(body, takesLess ? TOO_LARGE : undefined);
  if (again.status !== TOO_LARGE || line === undefined) return [again];
  options.onLeftOut(line.kind, line.bytes, line.place);
  return [await post(line.rest)];
}

/** Bytes of a request's lines, as they stand in it. */
function lineBytes({ files = {} }: StreamBody): number {
  let bytes = 0;
  for (const { content } of Object.values(files)) for (const lines of content) bytes += lines.length;
  return bytes;
}

/**
 * A request as two smaller ones, to be sent in this order: half of its lines each, at their places, and what else it says
 * with the second one.
 *
 * @returns undefined when it is a single line, or has none and at most one name
 */
function halve(body: StreamBody): readonly [StreamBody, StreamBody] | undefined {
  const { files = {}, ...rest } = body;
  const lines = linesOf(files);
  if (lines.length > 1) {
    const middle = middleOf(lines);
    return [{ files: filesOf(lines.slice(0, middle)) }, { files: filesOf(lines.slice(middle)), ...rest }];
  }
  if (lines.length === 1) return Object.keys(rest).length > 0 ? [{ files }, rest] : undefined;
  const { uploaded = [], ...end } = rest;
  if (uploaded.length < 2) return undefined;
  const middle = uploaded.length >> 1;
  return [{ uploaded: uploaded.slice(0, middle) }, { uploaded: uploaded.slice(middle), ...end }];
}

/**
 * What a request is that is a single row, sample or summary, and the same request without its large values. A row keeps
 * its place, so that the rows behind it have their numbers, here and when the log is sent again.
 */
function withoutLargeValues(
  body: StreamBody,
):
  | { readonly kind: LineKind; readonly bytes: number; readonly place: number; readonly rest: StreamBody }
  | undefined {
  const [line, ...others] = linesOf(body.files ?? {});
  const kind = line === undefined ? undefined : KINDS[line.file];
  if (line === undefined || kind === undefined || others.length > 0) return undefined;
  const rest = kind === "summary" ? {} : { files: filesOf([{ ...line, text: smallValuesOf(line.text) }]) };
  return { kind, bytes: Buffer.byteLength(line.text), place: line.place, rest };
}

/** The clock of a row, which it keeps in any case. */
const CLOCK = ["_wandb", "_step", "_timestamp", "_runtime"];
/** What else it keeps: values whose texts are no longer than that, and of them so many bytes. */
const SMALL_VALUE = 256;
const MOST_KEPT = 16 << 10;

function smallValuesOf(row: string): string {
  const values = parseJson(row) as { readonly [key: string]: LoggedValue | undefined };
  const kept: [string, LoggedValue | undefined][] = CLOCK.map((key) => [key, values[key]]);
  let bytes = 0;
  for (const [key, value] of Object.entries(values)) {
    const size = value === undefined ? 0 : encodeJson(value).length;
    if (size > SMALL_VALUE || bytes + key.length + size > MOST_KEPT) continue;
    bytes += key.length + size;
    kept.push([key, value]);
  }
  return encodeJson(Object.fromEntries(kept));
}

function linesOf(files: { readonly [name: string]: StreamFile }): PlacedLine[] {
  return Object.entries(files).flatMap(([file, { offset, content }]) => {
    const texts = content.flatMap((lines) => JSON.parse(`[${Buffer.from(lines)}]`) as string[]);
    return texts.map((text, index) => ({ file, place: offset + index, text }));
  });
}

/** Lines that follow one another in each file, as they come from `linesOf`. */
function filesOf(lines: readonly PlacedLine[]): { [name: string]: StreamFile } {
  const files: { [name: string]: StreamFile } = {};
  for (const { file, place } of lines) {
    if (files[file] !== undefined) continue;
    const texts = lines.flatMap((line) => (line.file === file ? [line.text] : []));
    files[file] = { offset: place, content: [encodeLines(texts)] };
  }
  return files;
}

/** After how many lines half of the bytes have passed; neither none nor all. */
function middleOf(lines: readonly PlacedLine[]): number {
  const half = lines.reduce((sum, { text }) => sum + text.length, 0) / 2;
  let before = 0;
  let count = 0;
  while (count < lines.length - 1 && (count === 0 || before + lines[count]!.text.length <= half)) {
    before += lines[count]!.text.length;
    count++;
  }
  return count;
}
