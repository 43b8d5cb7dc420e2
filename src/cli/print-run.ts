import type { RunOverview } from "../backend/command-line.js";
import { formatBytes } from "../backend/format-bytes.js";
import type { Series } from "../backend/series.js";
import { maskParams, maskSecrets } from "../collectors/secrets.js";
import type { JsonObject, JsonValue } from "../events/event.js";
import { formatDuration, formatNumber, formatTime, plural } from "./format.js";
import { bold, clean, dim, type Page, pad, shorten, widthOf } from "./page.js";
import { sparkline } from "./sparkline.js";

const INDENT = 2;
const GAP = 2;
const LONGEST_LINE = 60;
const SHORTEST_LINE = 8;

/** How much of each part is shown without `--all`. */
const MOST = { config: 30, summary: 20, metrics: 30, others: 10, system: 8, files: 10, artifacts: 10 };

/** Draws a run: a page of text that ends with a line break. */
export function printRun(run: RunOverview, page: Page, all: boolean): string {
  const most = (part: keyof typeof MOST): number => (all ? Number.POSITIVE_INFINITY : MOST[part]);
  const rows = [
    plural(run.rows, "row"),
    ...(run.lastStep === undefined ? [] : [`last step ${run.lastStep}`]),
  ];
  const { files, artifacts } = run;
  const parts = [
    [...heading(run, page), "", ...pairs(page, run.fields, Number.POSITIVE_INFINITY)],
    section(page, "Config", "", pairs(page, flatten(run.config), most("config"))),
    section(page, "Metrics", rows.join(", "), series(page, run.metrics, most("metrics"))),
    section(page, "Other values", "", pairs(page, run.others, most("others"))),
    section(page, "Summary", "", pairs(page, flatten(run.summary), most("summary"))),
    section(page, "System", "", series(page, run.system, most("system"))),
    section(
      page,
      "Files",
      String(files.length),
      pairs(
        page,
        files.map(({ path, bytes }) => [path, bytes === undefined ? "not there" : formatBytes(bytes)]),
        most("files"),
      ),
    ),
    section(
      page,
      "Artifacts",
      String(artifacts.length),
      pairs(
        page,
        artifacts.map((artifact) => [
          [artifact.name, ...(artifact.aliases.length > 0 ? [`(${artifact.aliases.join(", ")})`] : [])].join(
            " ",
          ),
          `${artifact.type}, ${plural(artifact.files, "file")}, ${formatBytes(artifact.bytes)}`,
        ]),
        most("artifacts"),
      ),
    ),
    section(
      page,
      "Console",
      run.console.length < run.consoleLines
        ? `last ${run.console.length} of ${run.consoleLines} lines`
        : plural(run.consoleLines, "line"),
      run.console.map((line) => " ".repeat(INDENT) + shorten(page, clean(line), page.width - INDENT)),
    ),
  ];
  const filled = parts.filter((lines) => lines.length > 0);
  return `${filled.map((lines) => lines.map((line) => line.trimEnd()).join("\n")).join("\n\n")}\n`;
}

function heading(run: RunOverview, page: Page): string[] {
  const name = run.name === undefined || run.name === "" ? "" : clean(run.name);
  const id = clean(run.id);
  const title = shorten(page, name === "" ? id : name, page.width);
  const isBoth = name !== "" && widthOf(title) + GAP + widthOf(id) <= page.width;
  const facts = [
    stateText(run),
    ...(run.startTime === undefined ? [] : [`started ${formatTime(run.startTime)}`]),
    ...(run.duration === undefined ? [] : [`ran for ${formatDuration(run.duration)}`]),
  ].join(", ");
  const damage = run.damage === undefined ? [] : wrap(`! ${run.damage}`, page.width);
  return [
    bold(page, title) + (isBoth ? `  ${dim(page, id)}` : ""),
    ...wrap(facts, page.width),
    ...damage.map((line) => bold(page, line)),
  ];
}

/** Our own words in lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function stateText({ state, exitCode }: RunOverview): string {
  if (state === "unfinished") return "unfinished (still running, or killed)";
  return exitCode === undefined || exitCode === 0 ? state : `${state} with exit code ${exitCode}`;
}

function section(page: Page, title: string, note: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [`${bold(page, title)}${note === "" ? "" : `  ${dim(page, note)}`}`, ...lines];
}

/** Names and texts in two columns. */
function pairs(page: Page, given: readonly (readonly [string, string])[], most: number): string[] {
  const shown = given.slice(0, most).map(([name, text]) => [clean(name), clean(text)] as const);
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(widthOf));
  // Short texts leave more to long names, such as paths.
  const textRoom = Math.min(widest(shown.map(([, text]) => text)), Math.floor(page.width * 0.4));
  const nameWidth = Math.min(widest(shown.map(([name]) => name)), page.width - INDENT - GAP - textRoom);
  const textWidth = page.width - INDENT - nameWidth - GAP;
  const lines = shown.map(
    ([name, text]) =>
      `${" ".repeat(INDENT)}${dim(page, pad(page, name, nameWidth))}${" ".repeat(GAP)}${shorten(page, text, textWidth)}`,
  );
  return [...lines, ...rest(page, given.length - shown.length)];
}

function rest(page: Page, count: number): string[] {
  return count > 0 ? [`${" ".repeat(INDENT)}${dim(page, `and ${count} more (--all shows them)`)}`] : [];
}

/** Name, last value, course, and range of each metric. */
function series(page: Page, given: readonly Series[], most: number): string[] {
  const shown = given.slice(0, most).map(({ name, last, min, max, course }) => ({
    name: clean(name),
    last: formatNumber(last),
    range:
      min === undefined || max === undefined || min === max
        ? ""
        : `${formatNumber(min)} to ${formatNumber(max)}`,
    course,
  }));
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(widthOf));
  const nameWidth = Math.min(widest(shown.map(({ name }) => name)), Math.floor(page.width * 0.4));
  const lastWidth = widest(shown.map(({ last }) => last));
  const rangeWidth = widest(shown.map(({ range }) => range));
  const room = page.width - INDENT - nameWidth - GAP - lastWidth - GAP;
  // Where there is no room for both, the course says more than the range.
  const showsRange = room - rangeWidth - GAP >= SHORTEST_LINE;
  const lineWidth = Math.min(LONGEST_LINE, showsRange ? room - rangeWidth - GAP : room);
  const longest = Math.min(lineWidth, Math.max(0, ...shown.map(({ course }) => course.length)));
  const lines = shown.map(({ name, last, range, course }) => {
    // A single value has no course.
    const line = course.length > 1 ? sparkline(course, lineWidth, page.ascii) : "";
    const columns = [
      dim(page, pad(page, name, nameWidth)),
      last.padStart(lastWidth),
      line.padEnd(longest),
      ...(showsRange ? [dim(page, range)] : []),
    ];
    return " ".repeat(INDENT) + columns.join(" ".repeat(GAP));
  });
  return [...lines, ...rest(page, given.length - shown.length)];
}

/** Leaves of nested objects as `model.layers`; lists as JSON. What stands under the name of a secret is masked. */
function flatten(object: { readonly [name: string]: JsonValue }): (readonly [string, string])[] {
  const leaves: (readonly [string, string])[] = [];
  const visit = (path: string, value: JsonValue): void => {
    if (
      typeof value !== "object" ||
      value === null ||
      Array.isArray(value) ||
      Object.keys(value).length === 0
    ) {
      leaves.push([path, textOf(value)]);
    } else {
      for (const [key, member] of Object.entries(value)) visit(`${path}.${key}`, member as JsonValue);
    }
  };
  for (const [key, value] of Object.entries(maskParams(object as JsonObject))) visit(key, value);
  return leaves;
}

function textOf(value: JsonValue): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatNumber(value) : JSON.stringify(value);
}

/**
 * The run for programs: one JSON object, with NaN and the infinities as texts. Secrets are masked as on the page.
 */
export function runAsJson(run: RunOverview): string {
  const masked = {
    ...run,
    fields: Object.fromEntries(run.fields),
    others: Object.fromEntries(run.others),
    config: maskParams(run.config as JsonObject),
    summary: maskParams(run.summary as JsonObject),
  };
  return `${JSON.stringify(
    masked,
    (_key, value: unknown) => {
      if (typeof value === "number" && !Number.isFinite(value)) return String(value);
      return typeof value === "string" ? maskSecrets(value) : value;
    },
    2,
  )}\n`;
}
