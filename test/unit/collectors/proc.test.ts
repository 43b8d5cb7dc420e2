import { describe, expect, test } from "vitest";
import {
  parseDiskstats,
  parseMeminfo,
  parseNetDev,
  parseStat,
  parseThreadCount,
} from "#src/collectors/proc.js";

// Texts as Linux prints them; the expected sums are done by hand from proc(5).

test("parseStat: idle and iowait are not busy, guest time is not counted twice", () => {
  const text = "cpu  100 20 30 800 40 5 6 7 50 9\ncpu0 100 20 30 800 40 5 6 7 50 9\nintr 1 2\n";
  expect(parseStat(text)).toEqual({ busy: 168, total: 1008 });
  expect(parseStat("intr 1\n")).toBeUndefined();
});

test("parseMeminfo: kB are 1024 bytes, available is not free", () => {
  const text = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\nBuffers: 1 kB\n";
  expect(parseMeminfo(text)).toEqual({ total: 1_024_000, available: 409_600 });
  expect(parseMeminfo("MemTotal: 1000 kB\n")).toBeUndefined();
});

test("parseThreadCount: a program's name may hold blanks and parentheses", () => {
  const stat =
    "6602 (a) R (b) R 6591 6591 3275 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 13 0 84785 3133440 407 18446744073709551615";
  expect(parseThreadCount(stat)).toBe(13);
  expect(parseThreadCount("")).toBeUndefined();
});

test("parseDiskstats: sectors of 512 bytes of the named disks, not of their partitions", () => {
  const text = [
    "   7       0 loop0 1 0 99 0 1 0 99 0 0 0 0",
    " 254       0 vda 53917 24394 3091378 12232 2165 17731 1060952 1890 0 4972 14388 3177 87 41616 261 84 3",
    " 254       1 vda1 50000 24394 3000000 12232 2165 17731 1000000 1890 0 4972 14388",
    " 259       0 nvme0n1 1 0 10 0 1 0 20 0 0 0 0",
    "",
  ].join("\n");
  expect(parseDiskstats(text, new Set(["vda", "nvme0n1"]))).toEqual({
    read: (3_091_378 + 10) * 512,
    written: (1_060_952 + 20) * 512,
  });
});

describe("parseNetDev", () => {
  const text = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0",
    "  eth0: 242617829    7167    0    0    0     0          0         0   502087    4121    0    0    0     0       0          0",
    "eth1:10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0",
    "",
  ].join("\n");

  test("adds the chosen interfaces, also where no blank follows the colon", () => {
    expect(parseNetDev(text, (name) => name !== "lo")).toEqual({ received: 242_617_839, sent: 502_107 });
    expect(parseNetDev(text, (name) => name === "eth0")).toEqual({ received: 242_617_829, sent: 502_087 });
  });
});
