import type { CaseValue, Description } from "../values.js";

/** Arguments by torch's own names. */
export type Arguments = { readonly [name: string]: CaseValue | Description };

/** One call, by torch's method name and argument names. */
export interface Call {
  readonly method: string;
  readonly kwargs: Arguments;
  /** The call must be refused: an exception in Python, a `TraceletError` on our side. */
  readonly throws?: true;
}

/** What is compared: records as written, the two accumulators of the Python package, the projector's files, the server. */
export type Level = "events" | "legacy" | "plugins" | "files" | "http";
export const LEVELS: readonly Level[] = ["events", "legacy", "plugins", "files", "http"];

/** Calls that must leave the same traces in all official readers, whoever writes them. */
export interface Case {
  readonly name: string;
  /** Arguments of the writer besides its folder. */
  readonly writer?: Arguments;
  readonly calls: readonly Call[];
  /** Where our writer means something else by these calls: what torch is told instead, and why. */
  readonly torch?: { readonly calls: readonly Call[]; readonly because: string };
  /** Compared levels, all by default; `because` says what the others cannot show alike. */
  readonly levels?: { readonly only: readonly Level[]; readonly because: string };
  /** Ids of the exceptions (`exceptions.ts`) that hold for this case. */
  readonly exceptions?: readonly string[];
  /** Served by a TensorBoard of its own, because its page mixes all runs (hparams). */
  readonly alone?: true;
}

export const call = (method: string, kwargs: Arguments = {}): Call => ({ method, kwargs });
export const refused = (method: string, kwargs: Arguments): Call => ({ method, kwargs, throws: true });

// Methods of torch's writer that take no wall time.
const TIMELESS = new Set([
  "add_hparams",
  "add_graph",
  "add_onnx_graph",
  "add_embedding",
  "add_custom_scalars",
  "add_custom_scalars_multilinechart",
  "add_custom_scalars_marginchart",
  "flush",
  "close",
  "reopen",
]);

/** Gives every call that may have one a fixed wall time, a quarter second into its own second. */
export function timed(cases: readonly Case[]): Case[] {
  const stamp = (calls: readonly Call[]) =>
    calls.map((each, i) =>
      TIMELESS.has(each.method) || "walltime" in each.kwargs
        ? each
        : { ...each, kwargs: { ...each.kwargs, walltime: 1_700_000_000.25 + i } },
    );
  return cases.map((each) => ({
    ...each,
    calls: stamp(each.calls),
    ...(each.torch && { torch: { ...each.torch, calls: stamp(each.torch.calls) } }),
  }));
}
