// A training in Python that is driven and logged from Node: Python prints a line of JSON for each step, and knows nothing of what
// logs it. Its exit code becomes that of the run, so that a training that breaks is a failed run.
//
//   npx tsx examples/python-trainer.ts 0.5
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as tracelet from "tracelet";

const learningRate = Number(process.argv[2] ?? 0.5);
const python = process.env["PYTHON"] ?? "python3";
const script = fileURLToPath(new URL("python-trainer/train.py", import.meta.url));

const experiment = tracelet.startLogging({
  expName: "python-trainer",
  project: "python-trainer",
  params: { learningRate },
});

const trainer = spawn(python, ["-u", script, String(learningRate)], { stdio: ["ignore", "pipe", "inherit"] });
const closed = once(trainer, "close");
for await (const line of createInterface({ input: trainer.stdout })) {
  const { step, ...metrics } = JSON.parse(line) as { step: number; [metric: string]: number };
  experiment.log(metrics, { step });
}

const [code, signal] = await closed;
const exitCode = (code as number | null) ?? 1;
const failed =
  exitCode === 0 ? {} : { reason: `the trainer ended with ${signal ?? `exit code ${exitCode}`}` };
await tracelet.stopLogging({ exitCode, ...failed });
console.log(`the trainer ended with ${exitCode}; logged to ${experiment.url()}`);
process.exitCode = exitCode;
