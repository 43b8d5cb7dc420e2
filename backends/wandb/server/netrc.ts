import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The netrc file of this user: `NETRC`, else `~/.netrc` or `~/_netrc`, whichever exists, else the one that is usual on
 * this platform.
 */
export function netrcPath(env: NodeJS.ProcessEnv): string {
  const home = env["HOME"] || homedir();
  const given = env["NETRC"];
  if (given) return given === "~" || given.startsWith("~/") ? join(home, given.slice(1)) : given;
  const usual = [join(home, ".netrc"), join(home, "_netrc")];
  const platformDefault = process.platform === "win32" ? usual[1]! : usual[0]!;
  return usual.find((path) => existsSync(path)) ?? platformDefault;
}

/** The machine under which a server stands in netrc files: `host`, or `host:port`. */
export const machineOf = (baseUrl: string): string => new URL(baseUrl).host;

/**
 * The password of a machine, else the one of the `default` entry; undefined when the file has none or is not there.
 * A file that cannot be read or understood is reported and counts as absent.
 */
export function readPassword(
  path: string,
  machine: string,
  warn: (message: string) => void,
): string | undefined {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      warn(`cannot read ${path}: ${(error as Error).message}`);
    return undefined;
  }
  const entries = parseEntries(content);
  if (typeof entries === "number") {
    warn(`${path} is not understood from line ${entries} on, so no key is taken from it`);
    return undefined;
  }
  const entry = entries.get(machine) ?? entries.get(DEFAULT);
  return entry === "" ? undefined : entry;
}

/** Stands for the `default` entry; no machine has an empty name. */
const DEFAULT = "";
const WITH_VALUE = new Set(["login", "user", "account", "password"]);

/** Passwords by machine, the last of several entries counting; or the line where the file stops making sense. */
function parseEntries(content: string): Map<string, string> | number {
  const entries = new Map<string, string>();
  const tokens = tokensOf(content);
  let machine: string | undefined;
  for (let i = 0; i < tokens.length; i++) {
    const { text, line } = tokens[i]!;
    if (text === "default") {
      machine = DEFAULT;
      entries.set(machine, "");
    } else if (text === "machine" || WITH_VALUE.has(text)) {
      const value = tokens[++i]?.text;
      if (value === undefined || (machine === undefined && text !== "machine")) return line;
      if (text === "machine") {
        machine = value;
        entries.set(machine, "");
      } else if (text === "password") {
        entries.set(machine!, value);
      }
    } else if (text !== "macdef") {
      return line;
    } else {
      // The macro has a name, and its lines go on to the first empty one.
      const end = content.split("\n").findIndex((each, at) => at >= line && each.trim() === "");
      if (end < 0) break;
      while (tokens[i + 1] !== undefined && tokens[i + 1]!.line <= end) i++;
    }
  }
  return entries;
}

/** Words of the file with their lines (from 1): bare or in double quotes, `\` keeping the next character, `#` a comment. */
function tokensOf(content: string): { readonly text: string; readonly line: number }[] {
  const tokens: { text: string; line: number }[] = [];
  for (const [index, line] of content.split("\n").entries()) {
    for (const [word] of line.matchAll(/"(?:[^"\\]|\\.)*"?|(?:[^\s"\\]|\\.)(?:[^\s\\]|\\.)*/g)) {
      // A key may contain the sign; a comment starts with it.
      if (word.startsWith("#")) break;
      const bare = word.startsWith('"') ? word.replace(/^"|"$/g, "") : word;
      tokens.push({ text: bare.replace(/\\(.)/g, "$1"), line: index + 1 });
    }
  }
  return tokens;
}

/**
 * Puts a machine's password into a netrc file, in place of the one it had; other entries stay as they are. A new file
 * can be read by its owner only, and one that others could read no longer can.
 */
export function writePassword(path: string, machine: string, password: string): void {
  let content = "";
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const kept: string[] = [];
  let inOldEntry = false;
  for (const line of content.split("\n")) {
    const [keyword, name] = tokensOf(line);
    if (keyword?.text === "machine" || keyword?.text === "default") {
      inOldEntry = keyword.text === "machine" && name?.text === machine;
    }
    if (!inOldEntry) kept.push(line);
  }
  while (kept.at(-1)?.trim() === "") kept.pop();
  const entry = [`machine ${machine}`, "  login user", `  password ${password}`, ""];
  replaceFile(path, [...kept, ...entry].join("\n"));
}

/**
 * Writes a file that only its owner can read: beside the old one, which it then replaces, so that a full disk never
 * costs what was there. A link stays a link.
 */
export function replaceFile(path: string, content: string): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const fresh = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(fresh, content, { mode: 0o600 });
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
