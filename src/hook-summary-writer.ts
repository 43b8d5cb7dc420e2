import { createTroubleFilter, printLine } from "./backend/trouble.js";
import { messageOf, TraceletError } from "./errors.js";
import type { Experiment } from "./experiment.js";
import { getActiveExperiment, watchExperiments } from "./logging.js";
import { SummaryWriter } from "./summary-writer.js";

/** A class whose instances have some of a SummaryWriter's methods. */
export type WriterClass = abstract new (...args: never[]) => object;

/** What of a foreign writer's calls is logged too. */
export interface HookOptions {
  /** Only these methods, by their name in the foreign class. Default: all that are known. */
  readonly methods?: readonly string[];
  /** Of each method's calls with one tag, only the first of every `every`. Default 1: all. */
  readonly every?: number;
}

/** Foreign method name to ours: camelCase as here, snake_case as in Python, and TensorFlow.js's file writer. */
const KNOWN = new Map<string, keyof SummaryWriter>([
  ...(
    [
      "addScalar",
      "addScalars",
      "addHistogram",
      "addHistogramRaw",
      "addTensor",
      "addImage",
      "addImages",
      "addImageWithBoxes",
      "addFigure",
      "addVideo",
      "addAudio",
      "addText",
      "addGraph",
      "addEmbedding",
      "addPrCurve",
      "addPrCurveRaw",
      "addCustomScalars",
      "addMesh",
      "addHparams",
    ] as const
  ).flatMap((name): [string, keyof SummaryWriter][] => [
    [name, name],
    [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name],
  ]),
  ["scalar", "addScalar"],
  ["histogram", "addHistogram"],
]);

type Method = (this: object, ...args: unknown[]) => unknown;

/** Tags whose calls are counted; with more, counting begins anew. */
const MAX_TAGS = 1 << 18;

interface Hook {
  readonly prototype: Record<string, Method>;
  readonly options: HookOptions;
  /** While installed: the methods replaced, as they were. */
  readonly originals: Map<string, Method>;
}

const hooks = new Map<WriterClass, Hook>();
const untold = createTroubleFilter();
/** Whether experiments are being watched, and whether one is open, so that the classes are patched. */
let watching = false;
let installed = false;

/**
 * Logs what another library's summary writer is told, too: its methods are called first, unchanged, and their result is
 * returned; then the same call goes to the active experiment. Writers made before and after are both caught.
 *
 * The class is patched only while an experiment is open, and put back when the last one ends. Hooking a class twice
 * changes its options and nothing else.
 *
 * @param Class a class with methods such as `addScalar`, `add_scalar` or `scalar`
 * @returns ends the hook for good
 * @throws TraceletError `invalid-option` when the class has no method that is known
 *
 * @example
 * ```ts
 * import * as tracelet from "tracelet";
 *
 * class TheirWriter {
 *   addScalar(tag: string, value: number, step: number) {
 *     return `${tag} ${value} ${step}`;
 *   }
 * }
 * tracelet.startLogging("console");
 * tracelet.hookSummaryWriter(TheirWriter);
 * new TheirWriter().addScalar("loss", 0.5, 1);
 * await tracelet.stopLogging();
 * ```
 */
export function hookSummaryWriter(Class: WriterClass, options: HookOptions = {}): () => void {
  if (typeof Class !== "function") {
    throw new TraceletError(
      "invalid-option",
      "hookSummaryWriter: give the class of the writer, not one of its objects",
    );
  }
  const prototype = Class.prototype as Record<string, Method>;
  const methods = [...KNOWN.keys()].filter((name) => typeof prototype[name] === "function");
  const missing = options.methods?.find((name) => !methods.includes(name));
  if (methods.length === 0 || missing !== undefined) {
    const problem =
      missing === undefined ? "none of a summary writer's methods" : `no method "${missing}" that is known`;
    throw new TraceletError(
      "invalid-option",
      `hookSummaryWriter: ${Class.name || "the class"} has ${problem}`,
    );
  }
  const known = hooks.get(Class);
  if (known !== undefined) remove(known);
  const hook: Hook = { prototype, options, originals: new Map() };
  hooks.set(Class, hook);
  if (!watching) {
    watching = true;
    watchExperiments((someOpen) => {
      installed = someOpen;
      for (const each of hooks.values()) (someOpen ? install : remove)(each);
    });
  } else if (installed) install(hook);
  return () => {
    remove(hook);
    if (hooks.get(Class) === hook) hooks.delete(Class);
  };
}

function install({ prototype, options, originals }: Hook): void {
  if (originals.size > 0) return;
  const { methods = [...KNOWN.keys()], every = 1 } = options;
  const counts = new Map<string, number>();
  let depth = 0;
  let writer: SummaryWriter | undefined;
  let target: Experiment | undefined;

  const forward = (name: string, args: readonly unknown[]) => {
    const experiment = getActiveExperiment();
    if (experiment === undefined) return;
    if (every > 1) {
      const key = `${name} ${typeof args[0] === "string" ? args[0] : ""}`;
      const count = counts.get(key) ?? 0;
      if (counts.size >= MAX_TAGS) counts.clear();
      counts.set(key, count + 1);
      if (count % every !== 0) return;
    }
    if (writer === undefined || target !== experiment) {
      target = experiment;
      writer = new SummaryWriter(undefined, { experiment });
    }
    try {
      (writer[KNOWN.get(name)!] as (...args: readonly unknown[]) => void).apply(writer, [...args]);
    } catch (error) {
      // The foreign call succeeded; what cannot be logged besides must not make it fail, nor say so at every step.
      const message = `hooked ${name} was not logged: ${messageOf(error)}`;
      if (untold(message)) printLine(message);
    }
  };

  for (const name of methods) {
    const original = prototype[name];
    if (typeof original !== "function") continue;
    originals.set(name, original);
    prototype[name] = function (this: object, ...args: unknown[]) {
      // A writer's method may call another one of its own (addFigure calls addImage): that is one call.
      depth++;
      let result: unknown;
      try {
        result = original.apply(this, args);
      } finally {
        depth--;
      }
      if (depth === 0) forward(name, args);
      return result;
    };
  }
}

function remove({ prototype, originals }: Hook): void {
  for (const [name, original] of originals) prototype[name] = original;
  originals.clear();
}
