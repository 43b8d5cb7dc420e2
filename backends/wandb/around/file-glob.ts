import { type Dirent, lstatSync, readdirSync, statSync } from "node:fs";
import { join, sep } from "node:path";

/**
 * Files below a folder that match a pattern of `/`-separated parts: `*` and `?` (any characters, one character), `[ab]`,
 * `[a-z]`, `[!ab]`, and `**` as a whole part for any number of folders. As in a shell, a dot at the start of a name is
 * matched only by a dot. Braces stand for themselves.
 *
 * @param isExcluded - folders that `*` and `**` do not walk into, by absolute path
 * @returns absolute paths, sorted; also of links that lead nowhere
 */
export function expandGlob(
  folder: string,
  pattern: string,
  isExcluded: (path: string) => boolean = () => false,
): string[] {
  const found = new Set<string>();
  const walk = (path: string, parts: readonly string[]): void => {
    const [part, ...rest] = parts;
    if (part === undefined) {
      found.add(path);
      return;
    }
    if (part === "**") {
      walk(path, rest);
      for (const entry of entriesOf(path)) {
        // A link to a folder above would lead round and round.
        const inner = join(path, entry.name);
        if (entry.name.startsWith(".") || !entry.isDirectory() || isExcluded(inner)) continue;
        walk(inner, parts);
      }
      return;
    }
    if (!isPattern(part)) {
      const inner = join(path, part);
      if (exists(inner)) walk(inner, rest);
      return;
    }
    const matches = partPattern(part);
    for (const entry of entriesOf(path)) {
      const inner = join(path, entry.name);
      if (matches.test(entry.name) && !isExcluded(inner)) walk(inner, rest);
    }
  };
  walk(
    folder,
    // As the last part it means everything below.
    pattern
      .split("/")
      .flatMap((part, index, all) => (part === "**" && index === all.length - 1 ? ["**", "*"] : [part])),
  );
  return [...found].filter((path) => !isFolder(path)).sort();
}

/** Whether a pattern matches anything but itself. */
export function isPattern(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * One part of a pattern as an expression for a whole name.
 *
 * @param matchesHidden - whether `*`, `?` and sets match a dot at the start of a name
 */
export function partPattern(part: string, matchesHidden = false): RegExp {
  let source = "";
  for (let index = 0; index < part.length; index++) {
    const character = part[index]!;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "[") {
      const set = /^\[(!?)(\]?[^\]]*)\]/.exec(part.slice(index));
      if (set === null) source += "\\[";
      else {
        const [all, not, members] = set;
        source += `[${not === "" ? "" : "^"}${members!.replace(/[\\[\]^]/g, "\\$&")}]`;
        index += all.length - 1;
      }
    } else source += character.replace(/[\\^$.*+()|{}\]/-]/, "\\$&");
  }
  const hidden = matchesHidden || part.startsWith(".") ? "" : "(?!\\.)";
  try {
    return new RegExp(`^${hidden}${source}$`, "su");
  } catch {
    // A set that counts down, such as [z-a], has no members.
    return /^(?!)/;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const isFolder = (path: string): boolean =>
  path.endsWith(sep) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
