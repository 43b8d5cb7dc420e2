// Writes the table "What each backend keeps" of docs/backends.md from what the backends' definitions say.
// With --check it only compares, and fails when the page is out of date. Needs `npm run build` before.
import { readFileSync, writeFileSync } from "node:fs";
import { availableBackends, registryEntry } from "../dist/src/backend/registry.js";
import { loadWorkerBackend } from "../dist/src/backend/worker-backends.js";
import { EVENT_KINDS } from "../dist/src/events/event.js";

const page = new URL("../docs/backends.md", import.meta.url);
const begin = "<!-- support matrix: made by .ci/support-matrix.mjs, do not edit by hand -->\n";
const end = "<!-- end of support matrix -->";

const names = availableBackends().map(({ name }) => name);
const loaded = names.map((name) => registryEntry(name).load?.() ?? loadWorkerBackend(name));
const definitions = (await Promise.all(loaded)).map(({ backend }) => backend);

const notes = [];
const noteOf = (text) => {
  if (!notes.includes(text)) notes.push(text);
  return notes.indexOf(text) + 1;
};
const cell = ({ unsupported, adapted }, kind) => {
  if (unsupported?.[kind] !== undefined) return `no (${noteOf(unsupported[kind])})`;
  return adapted?.[kind] === undefined ? "yes" : `yes (${noteOf(adapted[kind])})`;
};

const rows = [
  ["event", ...names.map((name) => `\`${name}\``)],
  // A native event belongs to one backend by definition.
  ...EVENT_KINDS.filter((kind) => kind !== "native").map((kind) => [
    kind,
    ...definitions.map((definition) => cell(definition, kind)),
  ]),
];
// Aligned as the formatter aligns tables.
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
const line = (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(" | ")} |`;
const table = [
  line(rows[0]),
  line(widths.map((width) => "-".repeat(width))),
  ...rows.slice(1).map(line),
].join("\n");
const list = notes.map((note, index) => `${index + 1}. ${note}`).join("\n");

const before = readFileSync(page, "utf8");
const [head, rest] = before.split(begin);
const tail = rest?.split(end)[1];
if (tail === undefined) throw new Error("docs/backends.md has lost the comments around its support matrix");
const after = `${head}${begin}\n${table}\n\n${list}\n\n${end}${tail}`;

if (!process.argv.includes("--check")) writeFileSync(page, after);
else if (after !== before) {
  console.error("docs/backends.md is out of date: run `npm run build && node .ci/support-matrix.mjs`");
  process.exit(1);
}
