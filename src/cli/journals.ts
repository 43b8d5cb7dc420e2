import type { Journals } from "../backend/command-line.js";
import { TraceletError } from "../errors.js";
import { BACKENDS } from "./backends.js";

/** A journal with those who can read it. */
export interface FoundJournal {
  readonly backend: string;
  readonly path: string;
  readonly journals: Journals;
}

/**
 * The journals that a path stands for, of whichever backend.
 *
 * @throws TraceletError `invalid-option` when there is none
 */
export async function findJournals(path: string): Promise<readonly FoundJournal[]> {
  const found: FoundJournal[] = [];
  for (const { name, load } of BACKENDS) {
    const { journals } = (await load()).commandLine;
    if (journals === undefined) continue;
    for (const journal of journals.find(path)) found.push({ backend: name, path: journal, journals });
  }
  if (found.length > 0) return found;
  throw new TraceletError(
    "invalid-option",
    `${path} is no run: give a run's folder (wandb/latest-run) or its log (run-*.wandb).`,
  );
}
