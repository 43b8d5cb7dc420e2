import { messageOf } from "../../../src/errors.js";
import type { ConsoleEvent, EnvironmentEvent, JsonObject, SystemEvent } from "../../../src/events/event.js";
import { saveScript, savesCode } from "../around/code-saving.js";
import { outputRecords } from "../around/console.js";
import { environmentRecord, gitRecord } from "../around/environment-record.js";
import { saveDiffs } from "../around/git-diff.js";
import { writeRequirements } from "../around/requirements.js";
import { findScript } from "../around/script-path.js";
import { statsRecord } from "../around/system-metrics.js";
import type { RunReporter, RunWriter } from "./run-writer.js";
import type { Writer } from "./writer-file.js";

/** How long a run that ends waits for the account's wish about its code. */
const WISH_MS = 1_000;

/** What happens around a run: the machine, the repository, the terminal. */
export interface Surroundings {
  environment(event: EnvironmentEvent): void;
  system(event: SystemEvent): void;
  console(events: readonly ConsoleEvent[]): void;
  /** Resolves when nothing more is gathered. */
  settle(): Promise<void>;
}

/** @param accountSavesCode asks the server whether runs that do not say so themselves keep their code */
export function createSurroundings(
  run: RunWriter,
  { id: writerId }: Writer,
  accountSavesCode: (signal: AbortSignal) => Promise<boolean>,
  reporter: RunReporter,
): Surroundings {
  const { values } = run.settings;
  const naming = { ...(values.label === undefined ? {} : { label: values.label }) };
  const leaving = new AbortController();
  let gathering: Promise<void> = Promise.resolve();

  /** The working tree's changes take git a while; the run goes on meanwhile. */
  const keepDiffs = async (cwd: string): Promise<void> => {
    const { record, problems } = await saveDiffs(cwd, run.directory.filesDir);
    for (const problem of problems) reporter.warn(problem);
    if (record === undefined) return;
    run.append({ files: record });
    run.commit();
  };

  const keepCode = (environment: JsonObject, cwd: string, root: string | undefined): void => {
    const script = findScript(values.program ?? (environment["script"] as string | undefined), cwd, root);
    if (script === undefined) return;
    const saved = saveScript(script, root ?? cwd, run.directory.filesDir);
    if ("skipped" in saved) return reporter.warn(saved.skipped);
    run.append({ files: saved.record });
    run.config.setInternal(["code_path"], saved.codePath);
  };

  return {
    environment({ environment }) {
      if (values.primary === false) return;
      const git = gitRecord(environment, values);
      if (git !== undefined) run.update({ git });
      if (!values.disableMeta && !values.disableMachineInfo) {
        run.append({
          environment: environmentRecord(environment, {
            startTime: run.startTime,
            writerId,
            settings: values,
          }),
        });
      }
      if (values.saveRequirements !== false) {
        const files = writeRequirements(run.directory.filesDir, environment);
        if (files !== undefined) run.append({ files });
      }
      const cwd = environment["cwd"] as string | undefined;
      if (cwd === undefined) return;
      const root =
        git === undefined ? undefined : ((environment["git"] as JsonObject | undefined)?.["root"] as string);
      const keep = async (): Promise<void> => {
        keepCode(environment, cwd, root);
        run.commit();
        if (!values.disableGit && !values.disableMachineInfo) await keepDiffs(cwd);
      };
      const isOpen = values.saveCode === undefined && savesCode({ ...values, saveCode: true });
      const wish = isOpen ? accountSavesCode(leaving.signal) : Promise.resolve(savesCode(values));
      gathering = wish
        .then((wished) => (wished ? keep() : undefined))
        .catch((error: unknown) => reporter.warn(`the code is not saved: ${messageOf(error)}`));
    },
    system({ values: sample, wallTime }) {
      if (values.disableStats || values.disableMachineInfo) return;
      const stats = statsRecord(sample, wallTime, naming);
      if (stats !== undefined) run.append({ stats });
    },
    console(events) {
      if (values.console === "off") return;
      for (const outputRaw of outputRecords(events)) run.append({ outputRaw });
    },
    async settle() {
      const timer = setTimeout(() => leaving.abort(), WISH_MS);
      await gathering;
      clearTimeout(timer);
    },
  };
}
