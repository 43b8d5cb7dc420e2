import { readFileSync, statSync } from "node:fs";
import type { ColumnType } from "./column-type.js";
import { Media } from "./media.js";
import { MEDIA, type MediaSpec, nextMediaId } from "./media-spec.js";

/** What W&B's pages expect in a document's head: links that open beside the page, and its plain style. */
const HEAD =
  '<base target="_blank"><link rel="stylesheet" type="text/css" href="https://app.wandb.ai/normalize.css" />';

/** How `Html` keeps a page. */
export interface HtmlOptions {
  /** Adds W&B's style to the document; default true. */
  inject?: boolean;
  /** Takes text that names an existing `.html` file as HTML all the same. */
  dataIsNotPath?: boolean;
}

/**
 * A page: HTML text, or the path of an `.html` file.
 *
 * @example
 * ```ts
 * run.log({ report: new wandb.Html("<h1>done</h1>") });
 * ```
 */
export class Html extends Media {
  readonly spec: MediaSpec;
  readonly columnType: ColumnType = { name: "html-file" };

  constructor(data: string, options: HtmlOptions = {}) {
    super();
    const isPath =
      !options.dataIsNotPath &&
      data.endsWith(".html") &&
      (statSync(data, { throwIfNoEntry: false })?.isFile() ?? false);
    const html = isPath ? readFileSync(data, "utf8") : data;
    const text = (options.inject ?? true) ? withHead(html) : html;
    this.spec = { [MEDIA]: "html", id: nextMediaId(), source: { text }, extension: ".html", members: {} };
  }
}

/** Adds the head after the first `<head>`, or makes one after `<html>`, or puts it in front. */
function withHead(html: string): string {
  for (const [tag, before, after] of [
    ["<head>", "<head>", ""],
    ["<html>", "<html><head>", "</head>"],
  ] as const) {
    const at = html.indexOf(tag);
    if (at >= 0) return `${html.slice(0, at)}${before}${HEAD}${after}${html.slice(at + tag.length)}`.trim();
  }
  return `${HEAD}${html}`.trim();
}
