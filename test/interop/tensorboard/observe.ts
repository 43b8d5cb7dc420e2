import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPython } from "../../support/python.js";
import { startTensorBoard } from "../../support/tensorboard.js";
import { type Call, type Case, LEVELS, type Level } from "./cases/case.js";
import { normalized } from "./exceptions.js";
import { differences, isRecord, type Json } from "./json.js";

const python = (name: string) => join(dirname(fileURLToPath(import.meta.url)), "python", name);

/** Folders of one side: where each case was written, and the files its calls name. */
export interface Folders {
  readonly root: string;
  readonly inputs: string;
}

/** What the official readers show of a case. */
export type Observed = Readonly<Partial<Record<Exclude<Level, "http">, Json>>> & {
  readonly http?: { readonly slow: Json; readonly fast: Json };
};

/** What they show of all cases, and of no case in particular. */
export interface Observations {
  readonly cases: Readonly<Record<string, Observed>>;
  readonly server: Json;
}

/** Folder of a case. Cases served together share a log directory; a case that is served alone has one of its own. */
export function caseFolder(each: Case, folders: Folders): string {
  return join(folders.root, each.alone ? join("alone", each.name, each.name) : join("together", each.name));
}

/** Has an official package write the cases. Returns the error classes of each case's refused calls. */
export async function writeWithPython(
  module: "torch" | "tensorboardX",
  cases: readonly Case[],
  folders: Folders,
): Promise<Record<string, string[]>> {
  const told = cases.map((each) => {
    const calls: readonly Call[] = each.torch?.calls ?? each.calls;
    return { name: each.name, folder: caseFolder(each, folders), writer: each.writer ?? {}, calls };
  });
  const refusals = await runPython(python("write_cases.py"), { module, inputs: folders.inputs, cases: told });
  return refusals as Record<string, string[]>;
}

/** The bytes of the arrays that Python makes of the descriptions. */
export async function pythonArrays(
  descriptions: readonly unknown[],
): Promise<{ dtype: string; shape: number[]; hex: string }[]> {
  return (await runPython(python("print_values.py"), descriptions)) as {
    dtype: string;
    shape: number[];
    hex: string;
  }[];
}

const runFolders = (logdir: string): string[] =>
  readdirSync(logdir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.includes("tfevents"))
    .map((entry) => entry.parentPath);

async function askServer(
  logdir: string,
  reader: "fast" | "slow",
  hparams: boolean,
): Promise<Record<string, Json>> {
  const server = await startTensorBoard(logdir, reader);
  try {
    const runs = new Set(runFolders(logdir)).size;
    const input = { address: server.address, runs, hparams };
    const dump = (await runPython(python("dump_server.py"), input)) as {
      provider: string;
      answers: Record<string, Json>;
    };
    const expected = reader === "fast" ? "GrpcDataProvider" : "MultiplexerDataProvider";
    if (!dump.provider.startsWith(expected))
      throw new Error(`${dump.provider} answered instead of the ${reader} reader`);
    return dump.answers;
  } finally {
    await server.stop();
  }
}

/** The part of an answer that is about the runs of one case; undefined if there is none. */
function partOf(answer: Json, name: string, names: ReadonlySet<string>): Json | undefined {
  const owner = (text: string) => text.split("/")[0] ?? "";
  if (typeof answer === "string")
    return !names.has(owner(answer)) || owner(answer) === name ? answer : undefined;
  if (Array.isArray(answer)) {
    const kept = answer.map((item: Json) => partOf(item, name, names)).filter((item) => item !== undefined);
    return kept.length > 0 || answer.length === 0 ? kept : undefined;
  }
  if (!isRecord(answer)) return answer;
  const kept: Record<string, Json> = {};
  for (const [key, item] of Object.entries(answer)) {
    const part = names.has(owner(key)) && owner(key) !== name ? undefined : partOf(item, name, names);
    if (part !== undefined) kept[key] = part;
  }
  return Object.keys(kept).length > 0 || Object.keys(answer).length === 0 ? kept : undefined;
}

// Answers that mix the runs of all cases beyond telling them apart.
const MIXED = ["custom_scalars/layout", "plugins_listing"];

/** The answers to a case's share of the questions. */
function answersFor(name: string, answers: Record<string, Json>, names: ReadonlySet<string>): Json {
  const share: Record<string, Json> = {};
  for (const [question, answer] of Object.entries(answers)) {
    const run = question.split(" ")[1]?.split("/")[0] ?? "";
    if (MIXED.includes(question) || (names.has(run) && run !== name)) continue;
    const part = partOf(answer, name, names);
    if (part !== undefined) share[question] = part;
  }
  return share;
}

async function observeServers(cases: readonly Case[], folders: Folders) {
  const together = cases.filter((each) => !each.alone);
  const names = new Set(together.map((each) => each.name));
  const both = async (logdir: string, hparams: boolean) => {
    const [slow, fast] = await Promise.all([
      askServer(logdir, "slow", hparams),
      askServer(logdir, "fast", hparams),
    ]);
    return { slow, fast };
  };
  const shares: Record<string, { slow: Json; fast: Json }> = {};
  let server: Json = null;
  if (together.length > 0) {
    const { slow, fast } = await both(join(folders.root, "together"), false);
    for (const name of names) {
      shares[name] = { slow: answersFor(name, slow, names), fast: answersFor(name, fast, names) };
    }
    const mixed = (answers: Record<string, Json>) =>
      Object.fromEntries(MIXED.map((question) => [question, answers[question] ?? null]));
    server = { slow: mixed(slow), fast: mixed(fast) };
  }
  for (const each of cases.filter((found) => found.alone)) {
    shares[each.name] = await both(dirname(caseFolder(each, folders)), true);
  }
  return { shares, server };
}

/** Reads what was written through every official reader of the wanted levels. */
export async function observe(
  cases: readonly Case[],
  folders: Folders,
  levels: readonly Level[] = LEVELS,
): Promise<Observations> {
  const read = (await runPython(python("read_folder.py"), {
    folders: Object.fromEntries(cases.map((each) => [each.name, caseFolder(each, folders)])),
  })) as Record<string, Observed>;
  if (!levels.includes("http")) return { cases: read, server: null };
  const { shares, server } = await observeServers(cases, folders);
  return {
    cases: Object.fromEntries(cases.map(({ name }) => [name, { ...read[name], http: shares[name]! }])),
    server,
  };
}

/** The differences of a case between two sides, less the exceptions it may claim, level by level. */
export function compareCase(
  each: Case,
  expected: Observations,
  found: Observations,
  levels: readonly Level[] = LEVELS,
): Record<string, string[]> {
  const compared = levels.filter((level) => each.levels?.only.includes(level) ?? true);
  const of = (side: Observations, level: Level) =>
    normalized((side.cases[each.name]?.[level] ?? null) as Json, level, each.exceptions);
  return Object.fromEntries(
    compared
      .map((level) => [level, differences(of(expected, level), of(found, level))] as const)
      .filter(([, lines]) => lines.length > 0),
  );
}
