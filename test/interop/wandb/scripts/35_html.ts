import type * as Wandb from "tracelet/wandb";

/** Html: text with and without a head, without injection, from a file, a list. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ plain: new wandb.Html("<p>hello</p>") });
  run.log({ head: new wandb.Html("<html><head><title>t</title></head><body>\u00e9</body></html>") });
  run.log({ raw: new wandb.Html("<p>as it is</p>", { inject: false }) });
  run.log({ file: new wandb.Html("fixtures/page.html") });
  run.log({ list: [new wandb.Html("<b>1</b>"), new wandb.Html("<b>2</b>")] });
  await run.finish();
}
