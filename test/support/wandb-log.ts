import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { WandbRecord } from "#backends/wandb/records/record.js";
import { type LogEnd, readTransactionLog } from "#backends/wandb/transaction-log/reader.js";

/** Folders of the runs below a folder. */
export function runFolders(dir: string): string[] {
  const wandb = join(dir, "wandb");
  return readdirSync(wandb)
    .filter((name) => name.startsWith("offline-run-"))
    .map((name) => join(wandb, name));
}

/** The transaction log of the only run below a folder. */
export function logFile(dir: string): string {
  const folders = runFolders(dir);
  if (folders.length !== 1) throw new Error(`${folders.length} runs in ${dir}, not one`);
  const [name] = readdirSync(folders[0]!).filter((entry) => entry.endsWith(".wandb"));
  return join(folders[0]!, name!);
}

/** Everything that can be read of a log, and why it ended. */
export function readLog(source: string | Uint8Array): { records: WandbRecord[]; end: LogEnd } {
  const reader = readTransactionLog(source);
  const records: WandbRecord[] = [];
  for (;;) {
    const next = reader.next();
    if (next.done) return { records, end: next.value };
    records.push(next.value.record);
  }
}

/** The values of one key in the history, by row. */
export function historyValues(records: readonly WandbRecord[], key: string): number[] {
  return records.flatMap(({ history }) =>
    (history?.item ?? [])
      .filter((item) => (item.nestedKey?.join(".") ?? item.key) === key)
      .map((item) => JSON.parse(item.valueJson!) as number),
  );
}

/** How many rows a log holds of a script that logged `loss` = i in row i. Throws when it is damaged or no beginning. */
export function countRows(dir: string): number {
  const { records, end } = readLog(logFile(dir));
  if (end.reason === "corrupt") throw new Error(`the log is damaged at ${end.offset}: ${end.problem}`);
  const values = historyValues(records, "loss");
  const wrong = values.findIndex((value, index) => value !== index);
  if (wrong >= 0) throw new Error(`row ${wrong} has ${values[wrong]}`);
  return values.length;
}
