import type * as Wandb from "tracelet/wandb";

/** Switches by variables: no metadata, no code, another program name. */
export default async function (wandb: typeof Wandb): Promise<void> {
  Object.assign(process.env, {
    WANDB_DISABLE_CODE: "true",
    WANDB_X_DISABLE_META: "true",
    WANDB_SAVE_CODE: "true",
    WANDB_PROGRAM: "other_name.py",
  });
  const run = await wandb.init({ settings: { disableMachineInfo: true } });
  run.log({ a: 1 });
  await run.finish();
}
