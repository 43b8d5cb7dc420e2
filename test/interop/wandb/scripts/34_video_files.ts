import type * as Wandb from "tracelet/wandb";

/** Video files (they are stored as they are), a list of them. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ clip: new wandb.Video("fixtures/clip.mp4", { caption: "a clip" }) });
  run.log({
    clips: [new wandb.Video("fixtures/clip.mp4", { caption: "one" }), new wandb.Video("fixtures/clip.gif")],
  });
  await run.finish();
}
