import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "#src/events/event.js";
import { runCommand } from "../../support/command-line.js";
import { pythonPath } from "../../support/python.js";
import { runProgram } from "../../support/run-program.js";
import { runFolders } from "../../support/wandb-log.js";
import { normalise } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { expected } from "./exceptions.js";
import { clientEnvironment, syncOfficial, withoutServer } from "./official-client.js";
import { onServer } from "./on-server.js";
import { inWorkspace } from "./workspace.js";

// A run that three processes write: one leads, two join it and end before it does. Whichever client each of them is, the
// server holds the same.

type Client = "official" | "ours";
const ROLES = ["lead", "a", "b"] as const;

const OURS = new URL("shared-writer.mjs", import.meta.url).pathname;
const OFFICIAL = new URL("official/shared_writer.py", import.meta.url).pathname;

/** What the server holds, in an order of its own: rows and lines of several writers come as they come. */
function state(snapshot: Awaited<ReturnType<WandbServer["snapshot"]>>) {
  // The scripts are different files: where they stand is compared by the other differential tests.
  const { program: _, ...whole } = expected(normalise(snapshot));
  const { history, console, files, ...run } = whole as unknown as {
    readonly summary: { readonly [key: string]: JsonValue };
    readonly config: JsonValue;
    readonly holes: number;
    readonly outputArtifacts: JsonValue;
    readonly history: readonly { readonly [key: string]: JsonValue }[];
    readonly console: readonly string[];
    readonly files: { readonly [path: string]: JsonValue };
  };
  const { args, git } = files["wandb-metadata.json"] as { readonly [key: string]: JsonValue };
  const rows = Object.fromEntries(
    ROLES.map((role) => [
      role,
      history.filter((row) => Object.keys(row).some((key) => key.startsWith(`${role}/`))),
    ]),
  );
  return {
    ...run,
    rows,
    count: history.length,
    console: console.toSorted(),
    files: { ...files, "wandb-metadata.json": { args: args!, git: git! } } as {
      readonly [path: string]: JsonValue;
    },
  };
}

async function started(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (text: Buffer) => String(text).includes("started") && resolve());
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it had logged`)));
  });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once("close", (code) => resolve(code)));

/** Runs the three writers; the joining ones one after the other, so that what they tell of the run has one order. */
async function runThree(
  clients: readonly [Client, Client, Client],
  server: WandbServer,
  requirements?: string,
) {
  return inWorkspace(async (folder) => {
    const python = await pythonPath(requirements);
    copyFileSync(OFFICIAL, join(folder, "writer.py"));
    let said = "";
    const start = (client: Client, role: string, until?: string): ChildProcess => {
      const [program, script] = client === "ours" ? [process.execPath, OURS] : [python, "writer.py"];
      const child = spawn(program, [script, role], {
        cwd: folder,
        env: {
          ...clientEnvironment(server, folder),
          WANDB_SILENT: "true",
          ...(until !== undefined && { UNTIL: until }),
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      child.stderr!.on("data", (text: Buffer) => (said += String(text)));
      return child;
    };
    const until = join(folder, "until");
    const lead = start(clients[0], "lead", until);
    const leadEnds = ended(lead);
    await started(lead);
    for (const [index, role] of ["a", "b"].entries()) {
      expect(await ended(start(clients[index + 1]!, role)), said).toBe(0);
      expect((await server.snapshot("tester", "differential", "shared")).state).toBe("running");
    }
    writeFileSync(until, "");
    expect(await leadEnds, said).toBe(0);
    return state(await server.snapshot("tester", "differential", "shared"));
  });
}

type State = Awaited<ReturnType<typeof runThree>>;

const onOwnServer = (clients: readonly [Client, Client, Client], requirements?: string): Promise<State> =>
  onServer((server) => runThree(clients, server, requirements));
const ALL_OFFICIAL = ["official", "official", "official"] as const;

/**
 * Client 0.31 gives the rows of a shared run numbers again, each writer's own from 0 (`step` of `log` is ignored as before); 0.30
 * and ours give none, since the numbers of several writers say nothing about their order.
 */
function withoutSteps({ rows, files, ...run }: State): State {
  const unnumbered = (row: { readonly [key: string]: JsonValue }) => {
    const { _step, ...rest } = row;
    return rest;
  };
  return {
    ...run,
    summary: unnumbered(run.summary),
    rows: Object.fromEntries(Object.entries(rows).map(([role, each]) => [role, each.map(unnumbered)])),
    files: { ...files, "wandb-summary.json": unnumbered(files["wandb-summary.json"] as State["summary"]) },
  };
}

describe.concurrent("three of ours, or some of them", () => {
  let official: Promise<State> | undefined;

  test.each<[Client, Client, Client]>([
    ["ours", "ours", "ours"],
    ["official", "ours", "ours"],
    ["ours", "official", "official"],
    ["official", "ours", "official"],
  ])("led by %s, joined by %s and %s: as three of client 0.31", async (...clients) => {
    official ??= onOwnServer(ALL_OFFICIAL);
    const mixed = await onOwnServer(clients);
    const whole = await official;
    expect(whole).toMatchObject({ state: "finished", exitCode: 0, holes: 0, count: 33 });
    for (const role of ROLES) {
      expect(whole.rows[role]!.map((row) => row["_step"])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
    expect(withoutSteps(mixed)).toEqual(withoutSteps(whole));
    if (!clients.includes("official")) expect(mixed).toEqual(withoutSteps(mixed));
  });

  test("as three of client 0.30", async () => {
    const ours = await onOwnServer(["ours", "ours", "ours"]);
    expect(ours).toEqual(await onOwnServer(ALL_OFFICIAL, "requirements-wandb-0.30.txt"));
  });
});

describe.concurrent("three of ours, kept offline", () => {
  /** Three writers, one after the other, and what the server holds when their folders have been sent. */
  const sent = (send: (folder: string, server: WandbServer) => Promise<void>): Promise<State> =>
    onServer((server) =>
      inWorkspace(async (folder) => {
        const env = { ...withoutServer(folder), WANDB_SILENT: "true", WRITER_MODE: "offline" };
        for (const role of ROLES) {
          const ran = await runProgram(process.execPath, [OURS, role], folder, env);
          expect(ran.code, ran.stderr).toBe(0);
        }
        await send(folder, server);
        return state(await server.snapshot("tester", "differential", "shared"));
      }),
    );

  test("the official sync and ours make the same run of them", async () => {
    const byOurs = await sent(async (folder, server) => {
      const { code, stderr } = await runCommand(["sync"], folder, clientEnvironment(server, folder));
      expect(code, stderr).toBe(0);
    });
    const byOfficial = await sent(async (folder, server) => {
      // The folder of the writer that ends the run goes last: each opens the run again.
      const [lead, ...others] = runFolders(folder).toSorted();
      for (const run of [...others, lead!]) {
        const sync = await syncOfficial(await pythonPath(), [run], folder, clientEnvironment(server, folder));
        expect(sync.code, sync.stderr).toBe(0);
      }
    });
    for (const run of [byOurs, byOfficial]) {
      expect(run).toMatchObject({ state: "finished", exitCode: 0, count: 33 });
      // Each writer sends the metrics it has defined as one value, and the server keeps the last writer's: ours sends folders
      // side by side, so that it may be another's.
      expect(run.config).toMatchObject({ lr: { value: 0.1 }, _wandb: { metrics: {} } });
    }
    expect(byOurs.holes).toBe(0);
    expect(byOurs.rows).toEqual(withoutSteps(byOfficial).rows);
    expect(byOurs.outputArtifacts).toEqual(byOfficial.outputArtifacts);
  });
});
