import { writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** Says which beginnings are refused. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const found: { [name: string]: unknown } = {};
  for (const [name, options] of Object.entries({
    "never, and it is there": { id: "chain", resume: "never" },
    "must, and it is not there": { id: "nowhere", resume: "must" },
    "allow, and it is not there": { id: "allowed", resume: "allow" },
    "never, and it is not there": { id: "fresh", resume: "never" },
  } as const)) {
    try {
      const run = await wandb.init(options);
      found[name] = [run.resumed, run.step];
      run.log({ a: 1 });
      await run.finish();
    } catch (error) {
      if ((error as { readonly code?: string }).code !== "invalid-option") throw error;
      found[name] = "refused";
    }
  }
  writeFileSync("seen.json", JSON.stringify(found));
}
