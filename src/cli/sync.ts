import { type Command, Option } from "commander";
import type { SyncRequest } from "../backend/command-line.js";

interface Options {
  readonly project?: string;
  readonly entity?: string;
  readonly id?: string;
  readonly includeSynced?: true;
  readonly dryRun?: true;
  readonly watch?: true;
  readonly json?: true;
}

/** Wrong options and paths; 1 is for runs that did not arrive. */
const USAGE_EXIT_CODE = 2;

/** Adds `tracelet sync`: sends runs from their journals on this machine. */
export function addSync(program: Command): void {
  program
    .command("sync")
    .description("send runs that were logged offline, or did not arrive, to their server")
    .argument("[paths...]", "logs (run-*.wandb), folders of runs, folders of these; default: wandb/")
    .option("--project <name>", "project the runs go to, instead of theirs")
    .option("--entity <name>", "user or team they go to")
    .option("--id <id>", "id of the one run that is sent")
    .option("--include-synced", "send again what has arrived; nothing of it is doubled")
    .addOption(new Option("--dry-run", "only say what would be sent").conflicts("watch"))
    .option("--watch", "follow runs that are still being written, and look for new ones")
    .option("--json", "print one JSON object a run, for programs")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT_CODE))
    .action(async (paths: string[], options: Options) => {
      process.exitCode = await sync(paths, options);
    });
}

async function sync(paths: readonly string[], options: Options): Promise<number> {
  const [{ BACKENDS }, { createSyncPage }, { standardPage }, { messageOf, TraceletError }] =
    await Promise.all([
      import("./backends.js"),
      import("./sync-page.js"),
      import("./page.js"),
      import("../errors.js"),
    ]);
  const { includeSynced = false, dryRun = false, watch = false, json = false, project, entity, id } = options;
  const ending = new AbortController();
  const request: SyncRequest = {
    ...{ paths, project, entity, id, includeSynced, dryRun, watch },
    signal: ending.signal,
  };
  const page = createSyncPage(process.stdout, process.stderr, standardPage(process.stderr, process.env), {
    json,
    watch,
  });
  // Whoever reads the lines may have seen enough (`| head`); what is sent does not depend on it.
  for (const stream of [process.stdout, process.stderr])
    stream.removeAllListeners("error").on("error", ignoreClosedPipe);
  // The second time it takes its usual effect.
  const stop = (): void => {
    page.note("stopping; the same command goes on from here");
    ending.abort(new Error("stopped before everything had arrived"));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    for (const { load } of BACKENDS) await (await load()).commandLine.sync?.(request, page);
    return page.close();
  } catch (error) {
    const code = page.close(messageOf(error));
    return error instanceof TraceletError && error.code === "invalid-option" ? USAGE_EXIT_CODE : code;
  } finally {
    process.removeListener("SIGINT", stop).removeListener("SIGTERM", stop);
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
