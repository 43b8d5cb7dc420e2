import { existsSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { makeFolder } from "../../src/backend/folder.js";
import { crc32c } from "./crc32c.js";

const MAX_SEGMENT_BYTES = 200;

/** One part of a path from a name users give: never `.`, `..` or empty, without NUL, short enough for file systems. */
function safeSegment(segment: string): string {
  const clean = segment.replace(/\0/g, "_").replace(/\p{Surrogate}/gu, "\uFFFD");
  if (clean === "" || clean === "." || clean === "..") return "_".repeat(Math.max(1, clean.length));
  if (Buffer.byteLength(clean) <= MAX_SEGMENT_BYTES) return clean;
  const hash = crc32c(Buffer.from(clean)).toString(16).padStart(8, "0");
  return `${Buffer.from(clean)
    .toString("utf8", 0, MAX_SEGMENT_BYTES)
    .replace(/\uFFFD+$/, "")}-${hash}`;
}

/**
 * The place of `name` below `folder`; slashes in the name make sub-folders, as they do for runs, and whatever the
 * name is, the place never lies outside.
 */
export function placeInside(folder: string, name: string): string {
  const segments = (sep === "\\" ? name.replace(/[\\:]/g, "_") : name).split("/").map(safeSegment);
  return join(folder, ...segments);
}

/** A file name made of a tag: slashes, backslashes and percent signs are written as %2f, %5c and %25. */
export function fileNameOf(tag: string): string {
  const name = tag.replaceAll("%", "%25").replaceAll("/", "%2f").replaceAll("\\", "%5c");
  return safeSegment(name);
}

/** Writes a file and the folders above it; a reader sees the old content or the new one, never a part. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.part`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/** A path for a new file: `stem.extension`, or with a number when that exists. */
export function unusedPath(folder: string, stem: string, extension: string): string {
  let path = join(folder, `${stem}.${extension}`);
  for (let i = 1; existsSync(path); i++) path = join(folder, `${stem}-${i}.${extension}`);
  return path;
}
