import type { Command } from "commander";
import type { BackendCommandLine } from "../../src/backend/command-line.js";
import { findLogs } from "./cli/find-logs.js";

/** `tracelet wandb ...`, and what `tracelet inspect` needs of W&B runs. */
export const commandLine: BackendCommandLine = {
  addCommands(wandb: Command) {
    wandb
      .command("login")
      .description("keep an API key in the netrc file, for this and the official client")
      .argument("[key]", "the key; others on this machine can see it here, so rather let it be asked for")
      .option("--host <url>", "log in to this server, and make it the one of this user")
      .option("--relogin", "ask for a key even if there is one")
      .option("--verify", "ask the server whether it takes the key", true)
      .option("--no-verify", "do not ask the server")
      .action(async (key: string | undefined, options) => {
        const { login } = await import("./cli/login.js");
        process.exitCode = await login(key, options);
      });
    wandb
      .command("status")
      .description("show the server, where the key comes from, whose it is, and how many runs are not synced")
      .option("--json", "print one JSON object, for programs")
      .action(async (options) => {
        const { status } = await import("./cli/status.js");
        process.exitCode = await status(options);
      });
    wandb
      .command("verify")
      .description("check step by step that the server can be used")
      .option("--host <url>", "check this server")
      .option(
        "--project <name>",
        "project of the run that is made for it, and deleted afterwards",
        "tracelet-verify",
      )
      .action(async (options) => {
        const { verify } = await import("./cli/verify.js");
        process.exitCode = await verify(options);
      });
  },
  journals: {
    find: findLogs,
    async inspect(log) {
      const { inspectLog } = await import("./cli/inspect-log.js");
      return inspectLog(log);
    },
  },
  async sync(request, listener) {
    const { syncRuns } = await import("./sync/sync-runs.js");
    await syncRuns(request, listener);
  },
};
