import type { Command } from "commander";

/** Adds `tracelet inspect`: shows a run as its journal on this machine tells it. */
export function addInspect(program: Command): void {
  program
    .command("inspect")
    .description("show a run: its configuration, metrics, files, console and state")
    .argument("<run>", "folder or log of a run, such as wandb/latest-run")
    .option("--json", "print one JSON object, for programs")
    .option("--all", "show all metrics, files and lines kept, not only the first")
    .action(async (path: string, { json, all }: { json?: true; all?: true }) => {
      const { findJournals } = await import("./journals.js");
      const { printRun, runAsJson } = await import("./print-run.js");
      const { standardPage } = await import("./page.js");
      const page = standardPage(process.stdout, process.env);
      for (const [index, journal] of (await findJournals(path)).entries()) {
        const run = await journal.journals.inspect(journal.path);
        const text = json ? runAsJson(run) : printRun(run, page, all === true);
        process.stdout.write(index > 0 && !json ? `\n${text}` : text);
      }
    });
}
