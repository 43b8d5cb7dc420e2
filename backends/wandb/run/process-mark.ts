import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { hostname } from "node:os";

/** Which process has written a file. */
export interface ProcessMark {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the kernel's ticks; a later process may have its number. */
  readonly began: string | undefined;
}

export function thisProcess(): ProcessMark {
  const { pid } = process;
  return { host: hostname(), pid, began: beginningOf(pid) };
}

/** Whether a process lives; undefined for one of another machine. */
export function isRunning({ host, pid, began }: ProcessMark): boolean | undefined {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process cannot be signalled, but it is there.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return began === undefined || beginningOf(pid) === began;
}

/** The 22nd field of `/proc/<pid>/stat`, counted behind the name, which may hold anything; undefined elsewhere. */
function beginningOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie writes no more.
    return fields[0] === "Z" ? "ended" : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether a process has a file open; false also where that cannot be seen: of other users, machines and systems. */
export function isOpenHere(path: string): boolean {
  const target = realpathSync(path);
  return entriesOf("/proc").some(
    (pid) =>
      /^\d+$/.test(pid) &&
      entriesOf(`/proc/${pid}/fd`).some((file) => linkOf(`/proc/${pid}/fd/${file}`) === target),
  );
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
