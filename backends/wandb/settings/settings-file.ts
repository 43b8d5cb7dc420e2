import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Sets a value of a settings file, or takes it out; everything else in the file stays as it is. A file that is not
 * there is made when there is a value to keep.
 *
 * @param name as it stands in the file, `base_url`
 */
export function changeSettingsFile(path: string, name: string, value: string | undefined): void {
  let lines: string[] = [];
  try {
    lines = readFileSync(path, "utf8").split(/\r?\n/);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    if (value === undefined) return;
  }
  // `%` begins a reference to another value.
  const entry = value === undefined ? [] : [`${name} = ${value.replaceAll("%", "%%")}`];
  const isHeader = (line: string): boolean => /^\s*\[default\]/.test(line);
  let inside = false;
  const kept = lines.filter((line) => {
    if (/^\s*\[/.test(line)) inside = isHeader(line);
    return !(inside && /^\s*([^#;=:\s][^=:]*?)\s*[=:]/.exec(line)?.[1]?.toLowerCase() === name);
  });
  const header = kept.findIndex(isHeader);
  if (header >= 0) kept.splice(header + 1, 0, ...entry);
  else if (entry.length > 0) kept.unshift("[default]", ...entry, "");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, kept.join("\n"));
}
