import { stripVTControlCharacters } from "node:util";
import { maskSecrets } from "../collectors/secrets.js";

/** What a page is drawn on. */
export interface Page {
  /** Columns. */
  readonly width: number;
  readonly colors: boolean;
  /** No characters beyond ASCII in what is drawn; texts of the user stay as they are. */
  readonly ascii: boolean;
}

const DEFAULT_WIDTH = 80;
const LEAST_WIDTH = 40;

/**
 * The page of standard output: as wide as the terminal, in a file or pipe 80 columns (`COLUMNS` says otherwise), with
 * colours only on a terminal and not when `NO_COLOR` is set (no-color.org).
 */
export function standardPage(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Page {
  const asked = Number(env["COLUMNS"] || "");
  const columns = asked > 0 ? asked : (stream.columns ?? DEFAULT_WIDTH);
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return {
    width: Math.max(LEAST_WIDTH, columns),
    colors: stream.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb",
    // Linux's text console and a locale of plain ASCII have no blocks to draw with.
    ascii: env["TERM"] === "linux" || /^(C|POSIX)$/.test(locale),
  };
}

export const bold = (page: Page, text: string): string =>
  page.colors && text !== "" ? `\u001b[1m${text}\u001b[22m` : text;
export const dim = (page: Page, text: string): string =>
  page.colors && text !== "" ? `\u001b[2m${text}\u001b[22m` : text;

/** A foreign text (of a journal, of a server) on one line: without secrets, escape sequences and control characters. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  return maskSecrets(stripVTControlCharacters(text)).replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

/** Characters that take two columns: East Asian wide ones and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
/** Characters that take none. */
const COMBINING = /[\p{Mn}\p{Me}\u200b-\u200f\ufeff]/u;

/** Columns that a cleaned text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** A text in exactly `width` columns: padded, or cut with `...` at its end. */
export function pad(page: Page, text: string, width: number): string {
  const cut = shorten(page, text, width);
  return cut + " ".repeat(width - widthOf(cut));
}

/** A text in at most `width` columns. */
export function shorten(page: Page, text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const mark = page.ascii ? "..." : "…";
  let kept = "";
  let used = widthOf(mark);
  for (const character of text) {
    used += widthOf(character);
    if (used > width) break;
    kept += character;
  }
  return kept + mark;
}
