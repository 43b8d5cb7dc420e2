import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readTransactionLog } from "#backends/wandb/transaction-log/reader.js";
import { TransactionLog } from "#backends/wandb/transaction-log/writer.js";

const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));

// A disk of limited size: writes what fits, then fails as the system does.
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    writeSync: (file: number, data: Uint8Array, offset: number, length: number, position: number) => {
      if (disk.room <= 0)
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      const count = fs.writeSync(file, data, offset, Math.min(length, disk.room), position);
      disk.room -= count;
      return count;
    },
  };
});

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wandb-log-"));
  path = join(folder, "run-abcd1234.wandb");
  disk.room = Number.POSITIVE_INFINITY;
});
afterEach(() => rmSync(folder, { recursive: true }));

const nums = (): (number | undefined)[] => [...readTransactionLog(path)].map(({ record }) => record.num);

describe("TransactionLog", () => {
  it("writes the reference's complete run of 135 bytes", () => {
    const log = TransactionLog.create(path);
    log.append({
      run: {
        runId: "abcd1234",
        project: "demo",
        config: { update: [{ key: "lr", valueJson: "0.1" }] },
        startTime: { seconds: 1767323045 },
      },
    });
    log.append({
      history: {
        item: [
          { key: "loss", valueJson: "0.5" },
          { key: "_step", valueJson: "0" },
        ],
        step: {},
      },
    });
    log.append({ summary: { update: [{ key: "loss", valueJson: "0.5" }] } });
    log.append({ exit: {} });
    log.close();
    expect(readFileSync(path).toString("hex")).toBe(
      "3a572642e1be00" +
        "5c17211e2c000108018a01270a0861626364313233341a0464656d6f220c0a0a0a026c72820103302e318a010608a5ebdcca06" +
        "061773fc2100010802121d0a0c0a046c6f7373820103302e350a0b0a055f73746570820101301200" +
        "a735891612000108031a0e0a0c0a046c6f7373820103302e35" +
        "4ff300220500010804920100",
    );
  });

  it("writes nothing before flush and everything with it", () => {
    const log = TransactionLog.create(path);
    expect(readFileSync(path)).toHaveLength(7);
    log.append({ run: { runId: "a" } });
    log.appendRow(new Map([["loss", 1]]), 0);
    expect(readFileSync(path)).toHaveLength(7);
    expect(log.pendingRecords).toBe(2);
    log.flush();
    expect(nums()).toEqual([1, 2]);
    expect(log.size).toBe(readFileSync(path).length);
    log.close();
  });

  it("does not touch a file that exists", () => {
    TransactionLog.create(path).close();
    expect(() => TransactionLog.create(path)).toThrow(/EEXIST/);
  });

  it("cuts a full disk's torn record off, says so, and goes on when there is room", () => {
    const log = TransactionLog.create(path);
    log.append({ run: { runId: "a" } });
    log.flush();
    const whole = log.size;
    log.append({ alert: { title: "x".repeat(1000) } });
    disk.room = 500;
    expect(() => log.flush()).toThrow(/ENOSPC.*Free space/);
    expect(readFileSync(path)).toHaveLength(whole);
    expect(log.pendingRecords).toBe(1);
    disk.room = 1e6;
    log.append({ exit: {} });
    log.close();
    expect(nums()).toEqual([1, 2, 3]);
  });

  it("can give pending records up", () => {
    const log = TransactionLog.create(path);
    log.append({ run: { runId: "a" } });
    expect(log.discard()).toBe(1);
    log.append({ run: { runId: "b" } });
    log.close();
    expect(nums()).toEqual([2]);
  });

  it("goes on behind a torn tail", () => {
    const log = TransactionLog.create(path);
    log.append({ run: { runId: "a" } });
    log.append({ outputRaw: { line: "y".repeat(70_000) } });
    log.close();
    truncateSync(path, 40_000);
    const again = TransactionLog.reopen(path);
    expect(again.lastNum).toBe(1);
    again.append({ exit: { exitCode: 255 } });
    again.close();
    expect([...readTransactionLog(path)].map(({ record }) => record)).toMatchObject([
      { run: { runId: "a" } },
      { num: 2, exit: { exitCode: 255 } },
    ]);
  });

  it("refuses to go on behind damage", () => {
    const log = TransactionLog.create(path);
    log.append({ run: { runId: "a" } });
    log.close();
    truncateSync(path, 3);
    expect(() => TransactionLog.reopen(path)).toThrow(/no header/);
  });
});
