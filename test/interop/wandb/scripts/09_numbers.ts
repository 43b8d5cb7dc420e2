import type * as Wandb from "tracelet/wandb";

/** How numbers are printed: large and small, exponents, negative zero, the edge of safe integers. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({
    zero: 0,
    negative_zero: -0,
    tenth: 0.1,
    third: 1 / 3,
    pi: Math.PI,
    e5: 1e5,
    e6: 1e6,
    e15: 1e15,
    e16: 1e16,
    e20: 1e20,
    e21: 1e21,
    e22: 1e22,
    e100: 1e100,
    max: 1.7976931348623157e308,
    min: 5e-324,
    small: 1.5e-7,
    e_5: 1e-5,
    e_6: 1e-6,
    safe: 9007199254740991,
    minus_safe: -9007199254740991,
    int32: 2147483648,
    negative: -17.25,
  });
  run.log({ half: 0.5, whole: 3, big_whole: 123456789 });
  await run.finish();
}
