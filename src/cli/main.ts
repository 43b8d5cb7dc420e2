#!/usr/bin/env node
import { createRequire } from "node:module";
import { Command } from "commander";
import { messageOf } from "../errors.js";
import { BACKENDS } from "./backends.js";
import { addInspect } from "./inspect.js";
import { clean } from "./page.js";
import { addSync } from "./sync.js";

// `tracelet <command>`. Each command is a file of its own that registers itself and imports its code when it is used;
// what belongs to one backend stands below the backend's name and is loaded only then.

const { version } = createRequire(import.meta.url)("tracelet/package.json") as { version: string };

const program = new Command("tracelet")
  .description("Looks at runs that tracelet logged, and sends them to their servers.")
  .version(version)
  .helpCommand(false)
  .showHelpAfterError("(tracelet --help shows what there is)");
addInspect(program);
addSync(program);
for (const { name, summary } of BACKENDS) program.command(name).description(summary).helpCommand(false);
program.hook("preSubcommand", async (_program, command) => {
  const backend = BACKENDS.find(({ name }) => name === command.name());
  (await backend?.load())?.commandLine.addCommands?.(command);
});

// A reader such as `head` that has seen enough is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`tracelet: ${clean(messageOf(error))}\n`);
  process.exitCode = 1;
}
