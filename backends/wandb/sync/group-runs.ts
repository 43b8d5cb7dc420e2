import type { RunSenderOptions } from "../sender/run-sender.js";
import type { FoundRun } from "./find-runs.js";

/**
 * Puts the logs of one run together, in the order in which they are sent: parts of a run that went on as they were begun;
 * of several writers of a shared run the one last that ends it.
 *
 * @param names what the runs are called instead of what the logs say
 * @param isFollowed writers of a shared run are followed side by side, as they write
 */
export function groupRuns(
  found: readonly FoundRun[],
  names: NonNullable<RunSenderOptions["names"]>,
  isFollowed: boolean,
): FoundRun[][] {
  const groups = new Map<string, FoundRun[]>();
  for (const each of found) {
    const { run, writer, logFile } = each;
    const parts = [names.entity ?? run?.entity, names.project ?? run?.project, names.runId ?? run?.runId];
    const isApart = run === undefined || (isFollowed && writer?.shared === true);
    const key = isApart ? logFile : JSON.stringify(parts);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  for (const group of groups.values()) group.sort((a, b) => endOf(a) - endOf(b) || beginOf(a) - beginOf(b));
  return [...groups.values()];
}

const endOf = ({ writer }: FoundRun): number => (writer?.shared === true && writer.endsRun ? 1 : 0);

const beginOf = ({ run }: FoundRun): number => {
  const { seconds = 0, nanos = 0 } = run?.startTime ?? {};
  return seconds + nanos / 1e9;
};
