import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";

/**
 * Reading Linux's /proc: one function reads a file cheaply, the others turn its text into numbers. Formats: proc(5)
 * and the kernel's Documentation/admin-guide/iostats.rst.
 */

/** Time the machine's processors spent, in clock ticks since boot. */
export interface CpuTicks {
  readonly busy: number;
  readonly total: number;
}

const buffer = Buffer.allocUnsafe(256 * 1024);

/** The first 256 KiB of a file of /proc; undefined where it does not exist or may not be read. */
export function readProc(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    let length = 0;
    // Files of /proc may answer in pieces of a page.
    for (;;) {
      const read = readSync(fd, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length === buffer.length) return buffer.toString("latin1", 0, length);
    }
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** First line of /proc/stat: user nice system idle iowait irq softirq steal, then guest times, which user already has. */
export function parseStat(text: string): CpuTicks | undefined {
  const line = /^cpu +(.*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const ticks = line.split(" ").slice(0, 8).map(Number);
  const total = ticks.reduce((sum, value) => sum + value, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: total - idle, total };
}

/** /proc/meminfo: bytes in all, and bytes a new program could get without swapping. */
export function parseMeminfo(text: string): { total: number; available: number } | undefined {
  const total = /^MemTotal: +(\d+) kB/m.exec(text)?.[1];
  const available = /^MemAvailable: +(\d+) kB/m.exec(text)?.[1];
  if (total === undefined || available === undefined) return undefined;
  return { total: Number(total) * 1024, available: Number(available) * 1024 };
}

/** Number of threads in /proc/self/stat: field 20; the name in field 2 may hold blanks and parentheses. */
export function parseThreadCount(text: string): number | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const threads = Number(fields[17]);
  return Number.isInteger(threads) ? threads : undefined;
}

/** /proc/diskstats: bytes read and written by the named disks together; a sector there is always 512 bytes. */
export function parseDiskstats(text: string, disks: ReadonlySet<string>): { read: number; written: number } {
  let read = 0;
  let written = 0;
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/ +/);
    if (!disks.has(fields[2] ?? "")) continue;
    read += Number(fields[5]) * 512;
    written += Number(fields[9]) * 512;
  }
  return { read, written };
}

/** /proc/net/dev: bytes received and sent by the interfaces that `counts` accepts. */
export function parseNetDev(
  text: string,
  counts: (name: string) => boolean,
): { received: number; sent: number } {
  let received = 0;
  let sent = 0;
  for (const line of text.split("\n").slice(2)) {
    const colon = line.indexOf(":");
    if (colon < 0 || !counts(line.slice(0, colon).trim())) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/ +/);
    received += Number(fields[0]);
    sent += Number(fields[8]);
  }
  return { received, sent };
}

/** The machine's whole disks, without those that only stand for others (loop, RAM, device mapper, RAID) or for discs. */
export function physicalDisks(): ReadonlySet<string> {
  try {
    return new Set(readdirSync("/sys/block").filter((name) => !/^(loop|ram|zram|dm-|md|sr|fd)\d/.test(name)));
  } catch {
    return new Set();
  }
}

/**
 * Which interfaces to add up. Bridges, tunnels and container ends repeat what the network cards carry, so cards alone
 * count where there are any; in a container there are none, and everything but the loopback counts.
 */
export function countedInterfaces(): (name: string) => boolean {
  let cards = new Set<string>();
  try {
    const names = readdirSync("/sys/class/net");
    cards = new Set(names.filter((name) => existsSync(`/sys/class/net/${name}/device`)));
  } catch {
    // No /sys: as in a container.
  }
  return cards.size > 0 ? (name) => cards.has(name) : (name) => name !== "lo";
}
