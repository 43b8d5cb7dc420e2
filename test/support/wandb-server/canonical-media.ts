import { createHash } from "node:crypto";
import { PNG } from "pngjs";
import type { JsonValue } from "#src/events/event.js";
import { parseLooseJson } from "./loose-json.js";
import type { FileSnapshot } from "./snapshot.js";

/**
 * Two clients may store the same picture in PNG files of different compression, and the same document in JSON texts of
 * different spacing, key order or number form (`1` and `1.0`). Such files get a hash of what they mean, and every place
 * that carries the hash of their bytes (`sha256`, the 20 digits in a file's name) carries that one instead; the byte
 * count `size` beside such a hash goes away. All other files are compared byte by byte.
 */
export interface Renaming {
  /** Replaces hashes of bytes by hashes of meaning in a text, and what the caller's renaming replaces. */
  text(text: string): string;
  /** The same in every string of a value, and without the sizes of such files. */
  value(value: JsonValue): JsonValue;
  /** The hash of meaning, undefined for files that are compared byte by byte. */
  canonical(sha256: string): string | undefined;
}

/** JSON files that W&B clients write themselves; a user's own .json file is compared byte by byte. */
const OWN_JSON =
  /\.(table|joined-table|partitioned-table|boxes2D|plotly|pts|classes|bokeh|image-file|audio-file|html-file|object3D-file|video-file|molecule-file|mask)\.json$/;

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

type Files = { readonly [path: string]: FileSnapshot };

/**
 * @param groups files whose hashes are replaced.
 * @param rename what else to replace in every text, also inside JSON files.
 */
export function canonicalMedia(groups: readonly Files[], rename: (text: string) => string): Renaming {
  const meanings = new Map<string, string>();
  const prefixes = new Map<string, string>();
  const record = (file: FileSnapshot, meaning: string) => {
    meanings.set(file.sha256, meaning);
    prefixes.set(file.sha256.slice(0, 20), meaning.slice(0, 20));
    // Files that a client encodes itself are named by their MD5 inside artifacts.
    const md5 = createHash("md5").update(file.bytes).digest("hex");
    prefixes.set(md5.slice(0, 20), meaning.slice(0, 20));
  };
  const renaming: Renaming = {
    text: (text) =>
      rename(text).replace(/(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{20})(?![0-9a-f])/g, (hash) =>
        hash.length === 64 ? (meanings.get(hash) ?? hash) : (prefixes.get(hash) ?? hash),
      ),
    value(value) {
      if (typeof value === "string") return renaming.text(value);
      if (Array.isArray(value)) return value.map((item) => renaming.value(item));
      if (typeof value !== "object" || value === null) return value;
      const object = value as { readonly [key: string]: JsonValue };
      const hash = object["sha256"];
      const derived = typeof hash === "string" && meanings.has(hash);
      return Object.fromEntries(
        Object.entries(object)
          .filter(([key]) => !(derived && key === "size"))
          .map(([key, item]) => [renaming.text(key), renaming.value(item)]),
      );
    },
    canonical: (hash) => meanings.get(hash),
  };

  const files = groups.flatMap((group) => Object.entries(group));
  // Pictures first: JSON files name them by their hashes. Then JSON that names no other JSON, last what may.
  for (const [path, file] of files) if (path.endsWith(".png")) record(file, pixels(file.bytes));
  for (const nested of [false, true])
    for (const [path, file] of files)
      if (OWN_JSON.test(path) && /table\.json$/.test(path) === nested)
        record(file, document(file.bytes, renaming));
  return renaming;
}

/** Hash of size and pixels as RGBA: a grey and an RGB file of the same picture are the same. */
function pixels(bytes: Buffer): string {
  const { width, height, data } = PNG.sync.read(bytes);
  return sha256(Buffer.concat([Buffer.from(`${width}x${height}:`), data]));
}

function document(bytes: Buffer, renaming: Renaming): string {
  return sha256(
    JSON.stringify(renaming.value(parseLooseJson(bytes.toString())), (_key, value: unknown) => {
      if (typeof value === "number" && !Number.isFinite(value)) return String(value);
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }),
  );
}
