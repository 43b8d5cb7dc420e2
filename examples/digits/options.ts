import { parseArgs } from "node:util";

export interface Options {
  /** Names of backends. */
  readonly backend: string[];
  /** Folder for everything that is written. */
  readonly dir: string;
  readonly epochs: number;
  readonly seed: number;
  readonly hidden: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

const USAGE = `Trains a small neural network on handwritten digits and logs how it goes.

  npm run quickstart -- [options]

  --backend <names>        where to log, such as tensorboard,jsonl (default TRACELET_BACKEND, else tensorboard)
  --dir <folder>           where files are written (default TRACELET_DIR, else here)
  --epochs <n>             how often to go through the pictures (default 30)
  --seed <n>               start of the random numbers (default 1)
  --hidden <n>             width of the hidden layer (default 64)
  --batch-size <n>         pictures a step (default 32)
  --learning-rate <x>      the highest learning rate (default 0.01)`;

/** What the command line says. Prints the usage and ends the script if that was asked for, or if something is wrong. */
export function commandLineOptions(): Options {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options !== "help") return options;
    console.log(USAGE);
    process.exit();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** Throws an error with a readable message for what it does not know. */
function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      backend: { type: "string", default: env["TRACELET_BACKEND"] || "tensorboard" },
      dir: { type: "string", default: env["TRACELET_DIR"] || "." },
      epochs: { type: "string", default: "30" },
      seed: { type: "string", default: "1" },
      hidden: { type: "string", default: "64" },
      "batch-size": { type: "string", default: "32" },
      "learning-rate": { type: "string", default: "0.01" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const integer = (name: "epochs" | "seed" | "hidden" | "batch-size", least: number) => {
    const number = Number(values[name]);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new RangeError(`--${name} must be an integer of at least ${least}, not "${values[name]}"`);
  };
  const learningRate = Number(values["learning-rate"]);
  if (!(learningRate > 0 && learningRate < 1))
    throw new RangeError(`--learning-rate must be between 0 and 1, not "${values["learning-rate"]}"`);
  return {
    backend: values.backend.split(",").map((name) => name.trim()),
    dir: values.dir,
    epochs: integer("epochs", 1),
    seed: integer("seed", 0),
    hidden: integer("hidden", 1),
    batchSize: integer("batch-size", 1),
    learningRate,
  };
}
