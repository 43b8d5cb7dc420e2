import { statSync } from "node:fs";
import { basename, resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";
import { types } from "node:util";
import { maskSecretValues } from "./collectors/secrets.js";
import { TraceletError } from "./errors.js";
import { wallTimeNow } from "./events/check.js";
import type { ArtifactEvent, JsonObject, JsonValue } from "./events/event.js";
import { checkJson, checkJsonObject } from "./events/json.js";
import { columnsOf } from "./table-input.js";

/**
 * What can be an artifact: a path or an address (string or URL), bytes, rows (an array of objects, stored as CSV when
 * the path ends in `.csv`), or any JSON-like object.
 */
export type ArtifactInput = string | URL | Uint8Array | ArrayBuffer | readonly JsonObject[] | JsonObject;

/** How an artifact is kept. */
export interface ArtifactOptions {
  /** Path inside the artifact with forward slashes; one that ends in a slash keeps the file's own name. */
  readonly artifactPath?: string;
  /** Name of the artifact: letters, digits, `_`, `-` and `.`, at most 128. Default: made from the file's name. */
  readonly name?: string;
  /** `model`, `dataset`, `file` ... Default `file`. */
  readonly type?: string;
  readonly description?: string;
  readonly metadata?: JsonObject;
  /** Names of this version, such as `best`. */
  readonly aliases?: readonly string[];
}

/** The event of `logArtifact`; throws `invalid-value` with the rule that was broken. */
export function artifactEvent(source: ArtifactInput, options: ArtifactOptions): ArtifactEvent {
  const { content, ownName } = readSource(source, options.artifactPath);
  const path = artifactPath(options.artifactPath, ownName);
  const name = options.name ?? safeName(basename(path));
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(name)) {
    throw new TraceletError(
      "invalid-value",
      `artifact name ${JSON.stringify(name)} must be 1 to 128 letters, digits, "_", "-" or "."; folders belong into artifactPath`,
    );
  }
  const { type = "file", description, metadata, aliases } = options;
  if (type.trim() === "") throw new TraceletError("invalid-value", "an artifact's type must not be empty");
  return {
    kind: "artifact",
    name,
    type,
    path,
    source: content,
    wallTime: wallTimeNow(),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata: checkJsonObject(metadata, "artifact metadata") }),
    ...(aliases !== undefined && { aliases }),
  };
}

type Content = ArtifactEvent["source"];

function readSource(source: ArtifactInput, path: string | undefined): { content: Content; ownName: string } {
  if (source instanceof URL)
    return readSource(source.protocol === "file:" ? understood(source, fileURLToPath) : source.href, path);
  if (typeof source === "string") {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) {
      if (maskSecretValues(source) !== source) {
        throw new TraceletError(
          "invalid-value",
          `logArtifact: the address "${source}" holds a secret, which would be kept with the run; give it without`,
        );
      }
      const { pathname } = understood(source, (text) => new URL(text));
      return { content: { reference: source }, ownName: basename(pathname) || "reference" };
    }
    const absolute = resolvePath(source);
    const stats = statSync(absolute, { throwIfNoEntry: false });
    if (stats === undefined) {
      throw new TraceletError(
        "invalid-value",
        `logArtifact: there is no file or folder ${JSON.stringify(absolute)}`,
      );
    }
    return {
      content: stats.isDirectory() ? { folder: absolute } : { file: absolute },
      ownName: basename(absolute),
    };
  }
  if (types.isUint8Array(source)) return { content: { bytes: source }, ownName: "data.bin" };
  if (types.isAnyArrayBuffer(source))
    return { content: { bytes: new Uint8Array(source) }, ownName: "data.bin" };
  const value = checkJson(source, "the artifact");
  if (typeof value !== "object" || value === null) {
    throw new TraceletError(
      "invalid-value",
      `logArtifact: give a path, an address, bytes, rows or an object, not ${value === null ? source : typeof value}`,
    );
  }
  const asCsv = path?.toLowerCase().endsWith(".csv") ?? false;
  if (asCsv && !isRows(value)) {
    throw new TraceletError("invalid-value", "logArtifact: only an array of objects can be stored as .csv");
  }
  const text = asCsv ? csv(value as readonly JsonObject[]) : `${JSON.stringify(value, null, 2)}\n`;
  return { content: { bytes: new TextEncoder().encode(text) }, ownName: "data.json" };
}

function understood<T extends string | URL, R>(address: T, read: (address: T) => R): R {
  try {
    return read(address);
  } catch (cause) {
    throw new TraceletError("invalid-value", `logArtifact: "${address}" is no address that can be used`, {
      cause,
    });
  }
}

const isRows = (value: JsonValue): value is readonly JsonObject[] =>
  Array.isArray(value) &&
  value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row));

/** RFC 4180: cells with commas, quotes or line breaks are quoted. */
function csv(rows: readonly JsonObject[]): string {
  const table = columnsOf(rows, "logArtifact");
  const cell = (value: JsonValue) => {
    const text = value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [table.columns, ...table.rows, []].map((row) => row.map(cell).join(",")).join("\n");
}

/** A relative path with forward slashes that cannot leave the artifact. */
function artifactPath(given: string | undefined, ownName: string): string {
  if (given === undefined || given === "") return ownName;
  const path = given.endsWith("/") ? given + ownName : given;
  const parts = path.split("/");
  if (
    path.startsWith("/") ||
    path.includes("\\") ||
    path.includes("\0") ||
    parts.some((part) => part === "" || part === "." || part === "..")
  ) {
    throw new TraceletError(
      "invalid-value",
      `artifactPath ${JSON.stringify(given)} must be relative, with forward slashes and without "..", "." or empty parts`,
    );
  }
  return path;
}

const safeName = (name: string) => name.replace(/[^A-Za-z0-9_.-]+/g, "-").slice(0, 128) || "artifact";
