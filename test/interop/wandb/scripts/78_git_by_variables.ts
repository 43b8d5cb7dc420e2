import type * as Wandb from "tracelet/wandb";

/** Commit and remote given by variables. */
export default async function (wandb: typeof Wandb): Promise<void> {
  process.env["WANDB_GIT_COMMIT"] = "0123456789abcdef0123456789abcdef01234567";
  process.env["WANDB_GIT_REMOTE_URL"] = "https://git.example.com/other/repository.git";
  const run = await wandb.init();
  run.log({ a: 1 });
  await run.finish();
}
