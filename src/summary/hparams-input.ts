import { TraceletError } from "../errors.js";
import { checkTag } from "../events/check.js";
import type { HparamValue } from "../events/event.js";

/** Throws naming the hyperparameter whose value or domain cannot be logged. */
export function checkHparams(
  hparams: { readonly [name: string]: HparamValue },
  domainDiscrete: { readonly [name: string]: readonly HparamValue[] } | undefined,
): void {
  for (const [name, value] of Object.entries(hparams)) {
    checkTag(name);
    if (value !== null && !["string", "number", "boolean"].includes(typeof value)) {
      throw new TraceletError(
        "invalid-value",
        `addHparams: "${name}" must be a string, number, boolean or null; nested settings go to logParams`,
      );
    }
  }
  for (const [name, values] of Object.entries(domainDiscrete ?? {})) {
    const type = typeof hparams[name];
    if (!Object.hasOwn(hparams, name) || values.some((value) => typeof value !== type)) {
      throw new TraceletError(
        "invalid-value",
        `addHparams: the domain of "${name}" must be values of that hyperparameter's type`,
      );
    }
  }
}
