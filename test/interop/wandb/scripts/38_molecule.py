"""Molecule files, one and a list."""
import wandb

run = wandb.init()
run.log({"molecule": wandb.Molecule("fixtures/molecule.pdb", caption="water")})
run.log({"molecules": [wandb.Molecule("fixtures/molecule.pdb"), wandb.Molecule("fixtures/molecule.pdb")]})
run.finish()
