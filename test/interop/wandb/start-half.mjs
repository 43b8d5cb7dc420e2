// Preloaded with `node --import` into the process of a TypeScript half, whose main script exports one function: calls it.
import { pathToFileURL } from "node:url";
import * as wandb from "tracelet/wandb";

setImmediate(async () => {
  const half = await import(pathToFileURL(process.argv[1]).href);
  await half.default(wandb);
});
