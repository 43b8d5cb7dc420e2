import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EmbeddingEvent } from "../../src/events/event.js";
import type { NumericArray } from "../../src/events/tensor.js";
import { encodePng } from "../../src/media/png.js";
import { embeddingSprite } from "../../src/media/sprite.js";
import { fileNameOf, writeWhole } from "./run-folder.js";

const CONFIG_FILE = "projector_config.pbtxt";

/** Rows of numbers separated by tabs, each row ended by a newline. */
function toTsv(data: NumericArray, columns: number): string {
  const lines: string[] = [];
  for (let start = 0; start < data.length; start += columns) {
    lines.push(
      `${Array.from(data.subarray(start, start + columns) as ArrayLike<number>, String).join("\t")}\n`,
    );
  }
  return lines.join("");
}

/** Tabs and newlines would move what follows into other columns and rows. */
function metadataTsv(rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => row.map((cell) => cell.replace(/[\t\r\n]+/g, " ")).join("\t");
  return `${rows.map(line).join("\n")}\n`;
}

/** A string of a protobuf text file. */
function quoted(text: string): string {
  return `"${text
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(/[\\"]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\0", "\\000")}"`;
}

/** The `embeddings` blocks of a config file, each under its `tensor_name`; the first of a name counts. */
function readEntries(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  let [depth, block] = [0, ""];
  for (const line of text.split("\n").map((line) => line.trim())) {
    if (line.endsWith("{")) depth++;
    if (line === "}") depth--;
    if (line !== "") block += `${"  ".repeat(line.endsWith("{") ? depth - 1 : depth)}${line}\n`;
    if (depth > 0) continue;
    const name = /^ *tensor_name: (".*")$/m.exec(block)?.[1];
    if (name !== undefined && !entries.has(name)) entries.set(name, block);
    block = "";
  }
  return entries;
}

/**
 * Writes the files of one embedding for the projector page (`add_embedding`): vectors, metadata, pictures, and the
 * entry in the run's `projector_config.pbtxt`, which keeps the entries of earlier calls and processes.
 */
export function writeEmbedding(run: string, event: EmbeddingEvent): void {
  const { tag, points, metadata, metadataHeader, images } = event;
  const step = String(event.step ?? 0).padStart(5, "0");
  const folder = `${step}/${fileNameOf(tag)}`;
  const name = quoted(`${tag}:${step}`);
  const entry = [`tensor_name: ${name}`];

  writeWhole(join(run, folder, "tensors.tsv"), toTsv(points.data, points.shape[1] ?? 1));
  if (metadata !== undefined) {
    // A first line is taken for a header only when it has a tab, so a header of one column would label a point.
    const hasHeader = metadataHeader !== undefined && metadataHeader.length > 1;
    const rows = hasHeader ? [metadataHeader, ...metadata] : metadata;
    writeWhole(join(run, folder, "metadata.tsv"), metadataTsv(rows));
    entry.push(`metadata_path: ${quoted(`${folder}/metadata.tsv`)}`);
  }
  if (images !== undefined) {
    const { pixels, width, height, imageWidth, imageHeight } = embeddingSprite(images);
    writeWhole(join(run, folder, "sprite.png"), encodePng(pixels, width, height, 3));
    const path = `  image_path: ${quoted(`${folder}/sprite.png`)}`;
    const size = [imageWidth, imageHeight].map((side) => `  single_image_dim: ${side}`);
    entry.push("sprite {", path, ...size, "}");
  }
  entry.push(`tensor_path: ${quoted(`${folder}/tensors.tsv`)}`);

  const config = join(run, CONFIG_FILE);
  const entries = readEntries(existsSync(config) ? readFileSync(config, "utf8") : "");
  entries.set(name, `embeddings {\n${entry.map((line) => `  ${line}\n`).join("")}}\n`);
  writeWhole(config, [...entries.values()].join(""));
}
