import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { encodeGif } from "../../../src/media/gif.js";
import { encodePng } from "../../../src/media/png.js";
import { encodeWav } from "../../../src/media/wav.js";
import { generateId } from "../run/run-id.js";
import { type FileSource, type MediaSpec, mediaError, type SampleSource } from "./media-spec.js";

type Source = MediaSpec["source"];

/** A media file in its place. */
export interface WrittenFile {
  /** Relative to the run's files, with forward slashes. */
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  readonly size: number;
}

/** The bytes of a source that is no file, encoded where it is not yet. */
export function encodeSource(source: Exclude<Source, { readonly file: string }>): Uint8Array {
  if ("bytes" in source) return source.bytes;
  if ("text" in source) return Buffer.from(source.text);
  if ("pixels" in source) return encodePng(source.pixels, source.width, source.height, source.channels);
  if ("samples" in source) return wavOf(source);
  return encodeGif(source.frames, source.width, source.height, 1 / source.fps);
}

/** The samples are 16-bit numbers already, so the encoder makes the header and they are put behind it. */
function wavOf({ samples, frames, channels, sampleRate }: SampleSource): Uint8Array {
  const bytes = encodeWav(new Float32Array(samples.length), frames, channels, sampleRate);
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - samples.length * 2);
  for (let i = 0; i < samples.length; i++) view.setInt16(i * 2, samples[i]!, true);
  return bytes;
}

/**
 * Writes a media file to where W&B expects it: `<folder>/<key>_<step>_<first 20 digits of its hash><extension>`.
 *
 * @param step - the step, or `summary`
 */
export function writeMediaFile(
  filesDir: string,
  folder: string,
  key: string,
  step: number | "summary",
  source: Source,
  extension: string,
): WrittenFile {
  const place = (sha256: string): { path: string; full: string } => {
    const path = `${folder}/${safeKey(key)}_${step}_${sha256.slice(0, 20)}${extension}`;
    const full = join(filesDir, path);
    makeFolder(dirname(full));
    return { path, full };
  };
  if (!("file" in source)) {
    const bytes = encodeSource(source);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { path, full } = place(sha256);
    writeFileSync(full, bytes);
    return { path, sha256, size: bytes.byteLength };
  }
  // The copy is hashed, not the original, which may change meanwhile.
  const copy = takeFile(source, filesDir);
  const sha256 = hashFile(copy);
  const { size } = statSync(copy);
  const { path, full } = place(sha256);
  renameSync(copy, full);
  return { path, sha256, size };
}

/** The key as part of a path that stays where it is: no leading slash, no `.` or `..`. */
export function safeKey(key: string): string {
  return key
    .replace(/^\/+/, "")
    .split("/")
    .map((part) => (part === "." || part === ".." ? part.replaceAll(".", "_") : part))
    .map((part) => (process.platform === "win32" ? part.replace(/[\\:*?"<>|]/g, "_") : part))
    .join("/");
}

/** Hex SHA-256 of a file. */
export function hashFile(path: string): string {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  const file = openSync(path, "r");
  try {
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, count));
    }
    return hash.digest("hex");
  } finally {
    closeSync(file);
  }
}

function takeFile(source: Extract<FileSource, { readonly file: string }>, filesDir: string): string {
  const folder = join(filesDir, "media");
  makeFolder(folder);
  const copy = join(folder, `.${generateId(16)}`);
  try {
    if (source.temporary) {
      renameSync(source.file, copy);
      return copy;
    }
  } catch {
    // Another file system: it is copied.
  }
  try {
    copyFileSync(source.file, copy, constants.COPYFILE_FICLONE);
    if (source.temporary) rmSync(source.file, { force: true });
    return copy;
  } catch (cause) {
    throw mediaError(
      `"${source.file}" could not be copied to the run's files: ${(cause as Error).message}`,
      cause,
    );
  }
}
