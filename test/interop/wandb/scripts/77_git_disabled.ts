import type * as Wandb from "tracelet/wandb";

/** Git switched off: no commit, no remote, no patch. */
export default async function (wandb: typeof Wandb): Promise<void> {
  process.env["WANDB_DISABLE_GIT"] = "true";
  const run = await wandb.init({ saveCode: true });
  run.log({ a: 1 });
  await run.finish();
}
