import { type ChildProcess, fork } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { pythonPath } from "../../support/python.js";
import { type Environment, type ProgramEnded, runProgram } from "../../support/run-program.js";
import { withoutServer } from "../wandb/official-client.js";

export const ROOT = new URL("../../..", import.meta.url).pathname;
export const TRAIN = join(ROOT, "examples/digits-distributed.ts");

/** A program in TypeScript or JavaScript, in one process: what a launcher starts is what it may kill. */
const nodeCommand = (script: string, args: readonly string[]): [string, ...string[]] => [
  process.execPath,
  "--import",
  new URL("../../../node_modules/tsx/dist/esm/index.mjs", import.meta.url).href,
  script,
  ...args,
];

/** What is started, by whatever launcher. */
export interface Program {
  readonly script: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env?: Environment;
}

/** Variables of a machine on which no key, server or project is known. */
export function rankEnvironment({ folder, env = {} }: Program): Environment {
  const { WANDB_PROJECT: _project, ...clean } = withoutServer(folder);
  return { ...clean, OMP_NUM_THREADS: "1", WANDB_MODE: "offline", ...env };
}

/** A port that is free, as is the next. */
export async function freePorts(): Promise<number> {
  const listen = (port: number) =>
    new Promise<ReturnType<typeof createServer> | undefined>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(undefined));
      server.listen(port, () => resolve(server));
    });
  for (;;) {
    const first = (await listen(0))!;
    const { port } = first.address() as { port: number };
    const second = await listen(port + 1);
    for (const server of [first, second]) server?.close();
    if (second !== undefined) return port;
  }
}

/** Runs a program as PyTorch's own launcher does: one agent for each node, all on this machine. */
export async function torchrun(
  program: Program,
  nodes: number,
  ranksOfEach: number,
  jobId: string,
): Promise<string> {
  const python = await pythonPath();
  const port = await freePorts();
  const agents = Array.from({ length: nodes }, (_, node) =>
    runProgram(
      python,
      [
        ...["-m", "torch.distributed.run"],
        ...[`--nnodes=${nodes}`, `--node-rank=${node}`, `--nproc-per-node=${ranksOfEach}`],
        ...["--master-addr=127.0.0.1", `--master-port=${port}`, `--rdzv-id=${jobId}`, "--no-python"],
        ...nodeCommand(program.script, program.args),
      ],
      program.folder,
      rankEnvironment(program),
    ),
  );
  return succeeded(await Promise.all(agents));
}

/** Runs a program as Open MPI's `mpirun` does. */
export async function mpirun(program: Program, ranks: number): Promise<string> {
  const options = ["--allow-run-as-root", "--oversubscribe", "-np", String(ranks)];
  const env = { ...rankEnvironment(program), MASTER_PORT: String(await freePorts()) };
  return succeeded([
    await runProgram(
      "mpirun",
      [...options, ...nodeCommand(program.script, program.args)],
      program.folder,
      env,
    ),
  ]);
}

/** Runs a program in one process, which may start others. */
export async function single(program: Program): Promise<string> {
  const [node, ...args] = nodeCommand(program.script, program.args);
  const env = { ...rankEnvironment(program), MASTER_PORT: String(await freePorts()) };
  return succeeded([await runProgram(node, args, program.folder, env)]);
}

/** Forks the ranks of a job from here, so that one of them can be killed without a launcher that ends the others, too. */
export async function forkRanks(program: Program, ranks: number): Promise<ChildProcess[]> {
  const [, ...execArgv] = nodeCommand(program.script, []).slice(0, 3);
  const port = await freePorts();
  return Array.from({ length: ranks }, (_, rank) =>
    fork(program.script, program.args, {
      cwd: program.folder,
      execArgv,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...rankEnvironment(program),
        RANK: String(rank),
        WORLD_SIZE: String(ranks),
        LOCAL_RANK: String(rank),
        LOCAL_WORLD_SIZE: String(ranks),
        MASTER_PORT: String(port),
      },
    }),
  );
}

function succeeded(ended: readonly ProgramEnded[]): string {
  for (const { code, stderr, stdout } of ended) expect(code, stdout + stderr).toBe(0);
  return ended.map(({ stdout }) => stdout).join("");
}
