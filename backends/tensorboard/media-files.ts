import { join } from "node:path";
import type {
  EncodedMedia,
  FigureEvent,
  ImageEvent,
  TableEvent,
  VideoEvent,
} from "../../src/events/event.js";
import { cellText, fencedBlock, markdownTable, toJson } from "./markdown.js";
import type { ValueMessage } from "./messages.js";
import { fileNameOf, unusedPath, writeWhole } from "./run-folder.js";
import { textValue } from "./summaries/text.js";

/** Rows and characters shown on the text page; the file has everything. */
const SHOWN_ROWS = 100;
const SHOWN_CHARACTERS = 20_000;

function keep(
  run: string,
  folder: string,
  { tag, step }: { readonly tag: string; readonly step?: number },
  extension: string,
  content: string | Uint8Array,
): string {
  const stem = fileNameOf(step === undefined ? tag : `${tag}_${step}`);
  const path = unusedPath(join(run, folder), stem, fileNameOf(extension));
  writeWhole(path, content);
  return path.slice(run.length + 1).replaceAll("\\", "/");
}

/** Keeps a chart's source as a file, and shows it as text: TensorBoard draws no SVG, Vega or Plotly. */
export function figureFileValue(run: string, event: FigureEvent): ValueMessage {
  const { figure } = event;
  if ("bytes" in figure) return mediaFileValue(run, "figures", event, figure);
  const isSvg = figure.format === "svg";
  const source = isSvg ? figure.text : toJson(figure.spec, 2);
  const extension = isSvg ? "svg" : `${figure.format}.json`;
  const file = keep(run, "figures", event, extension, source);
  const shown = source.length > SHOWN_CHARACTERS ? `${source.slice(0, SHOWN_CHARACTERS)}\n…` : source;
  const text = `The figure is in \`${file}\`.\n\n${fencedBlock(isSvg ? "xml" : "json", shown)}`;
  return textValue(event.tag, text);
}

/** Keeps a picture or film of a format TensorBoard does not show as a file, and says so as text. */
export function mediaFileValue(
  run: string,
  folder: "figures" | "images" | "videos",
  event: FigureEvent | ImageEvent | VideoEvent,
  { format, bytes }: EncodedMedia,
): ValueMessage {
  const file = keep(run, folder, event, format, bytes);
  return textValue(event.tag, `TensorBoard does not show ${format} files; this one is in \`${file}\`.`);
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Keeps a table as a CSV file, and shows its first rows as text. */
export function tableValue(run: string, event: TableEvent): ValueMessage {
  const { tag, columns, rows } = event;
  const lines = [columns, ...rows.map((row) => columns.map((_, i) => cellText(row[i])))];
  const csv = lines.map((line) => `${line.map(csvCell).join(",")}\r\n`).join("");
  const file = keep(run, "tables", event, "csv", csv);
  const count =
    rows.length > SHOWN_ROWS ? `First ${SHOWN_ROWS} of ${rows.length} rows` : `${rows.length} rows`;
  const table = markdownTable(columns, rows.slice(0, SHOWN_ROWS));
  return textValue(tag, `${table}\n\n${count}; all of them are in \`${file}\`.`);
}
