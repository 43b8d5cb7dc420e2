import type { Lab } from "./lab.js";

/** What a figure counts; it decides how the figure is printed. */
export type Unit = "seconds" | "bytes" | "per second" | "bytes per second" | "percent" | "times";

/** The same thing done by somebody else's program, in the same run. */
export interface Peer {
  readonly name: string;
  /** Undefined when it could not be measured here. */
  readonly value: number | undefined;
}

/** One line of the table: what was measured, and what it should be. */
export interface Finding {
  readonly what: string;
  readonly unit: Unit;
  readonly measured: number;
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
  readonly peers?: readonly Peer[];
}

/** One benchmark: it stands in a file of its own and measures in processes of its own. */
export interface Benchmark {
  /** For `--only`. */
  readonly name: string;
  /** Headline of its table. */
  readonly title: string;
  /** The table of the page it belongs to: one of the `<!-- table: ... -->` marks of the template. */
  readonly section: "core" | "wandb";
  run(lab: Lab): Promise<readonly Finding[]>;
}

/** Whether a finding is as it should be; undefined when it has no target. */
export function isMet({ measured, target }: Finding): boolean | undefined {
  if (target === undefined) return undefined;
  return "atMost" in target ? measured <= target.atMost : measured >= target.atLeast;
}
