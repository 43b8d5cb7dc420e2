import type * as Wandb from "tracelet/wandb";

/** Sound: a file, samples of 16 bits, a list with captions. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const samples = Int16Array.from({ length: 800 }, (_, i) => ((i % 100) - 50) * 100);
  run.log({ file: new wandb.Audio("fixtures/sound.wav", { caption: "a file" }) });
  run.log({ samples: new wandb.Audio(samples, { sampleRate: 8000 }) });
  run.log({
    list: [
      new wandb.Audio(samples, { sampleRate: 8000, caption: "one" }),
      new wandb.Audio(samples.subarray(0, 400), { sampleRate: 4000 }),
    ],
  });
  await run.finish();
}
