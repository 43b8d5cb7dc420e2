import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LoggedRecord, readTransactionLog } from "#backends/wandb/transaction-log/reader.js";
import { logFile } from "../support/wandb-log.js";

// The log of a real run, damaged at any byte, reads up to the damage: what was whole before it, no more, no less.

let dir: string;
let bytes: Buffer;
let whole: LoggedRecord[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-wandb-cut-"));
  process.env["WANDB_DATA_DIR"] = join(dir, "data");
  const settings = { disableStats: true, disableGit: true, console: "off" };
  const run = await wandb.init({ dir, project: "faults", mode: "offline", settings, config: { näme: "🚀" } });
  run.log({ loss: 0.5, größe: Number.NaN, page: new wandb.Html("<b>x</b>") });
  for (let i = 0; i < 20; i++) run.log({ loss: 1 / (1 + i) });
  // Longer than a block of 32 KiB, so that it comes in pieces. Late, since every damage behind it has it read again.
  run.log({ long: "x".repeat(40_000) });
  run.log({ loss: 0 });
  run.summary["best"] = 1;
  await run.finish();
  const file = logFile(dir);
  bytes = readFileSync(file);
  whole = [...readTransactionLog(bytes)];
});
afterAll(() => {
  delete process.env["WANDB_DATA_DIR"];
  rmSync(dir, { recursive: true, force: true });
});

/** Checks that a damaged log gives the records that end before the damage; returns why reading ended. */
function readsUpTo(source: string | Buffer, damage: number): string {
  const reader = readTransactionLog(source);
  const expected = whole.filter(({ end }) => end <= damage);
  for (let index = 0; ; index++) {
    const next = reader.next();
    if (next.done) {
      if (index !== expected.length)
        throw new Error(`${index} of ${expected.length} records before ${damage}`);
      return next.value.reason;
    }
    const record = expected[index];
    if (record === undefined || Buffer.compare(next.value.bytes, record.bytes) !== 0) {
      throw new Error(`damaged at ${damage}: record ${index} is another one`);
    }
  }
}

/** Every byte, but only every 97th inside the long row, and inside the summary with it. */
function* places(): Generator<number> {
  const long = whole.filter(({ bytes: { length } }) => length > 32_768);
  for (let at = 0; at < bytes.length; at++) {
    const inside = long.some(({ offset, end }) => at > offset + 100 && at < end - 100);
    const nearBlock = at % 32_768 < 16 || at % 32_768 > 32_752;
    if (!inside || nearBlock || at % 97 === 0) yield at;
  }
}

test("cut at any byte", () => {
  expect(whole.length).toBeGreaterThan(25);
  const copy = join(dir, "cut.wandb");
  writeFileSync(copy, bytes);
  for (const length of [...places()].reverse()) {
    truncateSync(copy, length);
    expect(readsUpTo(copy, length)).not.toBe("corrupt");
  }
});

test("with any bit flipped", () => {
  let seed = 11;
  for (const at of places()) {
    // The rest of a block that is too short for a record holds nothing.
    if (at % 32_768 >= 32_762) continue;
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    const bit = 1 << ((seed >> 16) % 8);
    bytes[at]! ^= bit;
    const reason = readsUpTo(bytes, at);
    bytes[at]! ^= bit;
    // A length that points behind the end is what a torn tail looks like, too.
    if (reason !== "corrupt" && reason !== "torn") throw new Error(`flipped at ${at}: ${reason}`);
  }
});
