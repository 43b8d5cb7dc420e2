import type * as Wandb from "tracelet/wandb";

/** Molecule files, one and a list. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ molecule: new wandb.Molecule("fixtures/molecule.pdb", { caption: "water" }) });
  run.log({
    molecules: [new wandb.Molecule("fixtures/molecule.pdb"), new wandb.Molecule("fixtures/molecule.pdb")],
  });
  await run.finish();
}
