import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { afterEach, beforeEach } from "vitest";
import { emptyHome, runCommand } from "./command-line.js";
import type { ProgramEnded } from "./run-program.js";
import { tempDir } from "./temp-dir.js";
import { startWandbServer, type WandbServer } from "./wandb-server/server.js";

/** A script that writes a run, slowly. */
export const ROWS = new URL("sync-rows.mjs", import.meta.url);

/** A server, and a folder whose runs the command `tracelet sync` sends to it; new ones for each test. */
export interface SyncScene {
  /** Another one may take its place. */
  server: WandbServer;
  folder: string;
  env: { readonly [name: string]: string };
  /** Calls the command in the folder. */
  sync(...args: readonly string[]): Promise<ProgramEnded>;
  snapshot(id: string, project?: string): ReturnType<WandbServer["snapshot"]>;
  /** Writes an offline run of 50 rows, an alert, a file and console lines; returns its log. */
  makeRun(id: string, rows?: number, settings?: object): Promise<string>;
  /** The number that each row at the server has. */
  rowsOf(id: string): Promise<unknown[]>;
}

export function useSyncScene(): SyncScene {
  const scene = {
    sync: (...args) => runCommand(["sync", ...args], scene.folder, scene.env),
    snapshot: (id, project = "p") => scene.server.snapshot("tester", project, id),
    async makeRun(id, rows = 50, settings = {}) {
      const { folder } = scene;
      const run = await wandb.init({
        dir: folder,
        id,
        entity: "tester",
        project: "p",
        mode: "offline",
        config: { lr: 0.5 },
        reinit: "create_new",
        settings: { console: "off", disableStats: true, silent: true, ...settings },
      });
      for (let row = 0; row < rows; row++) run.log({ loss: 1 / (row + 1), row });
      run.alert({ title: "half", text: "way" });
      const path = join(folder, `${id}.txt`);
      writeFileSync(path, `of ${id}`);
      run.save(path, { policy: "now", basePath: folder });
      await run.finish();
      return join(run.dir, "..", `run-${id}.wandb`);
    },
    rowsOf: async (id) => (await scene.snapshot(id)).history.map(({ row }) => row),
  } as SyncScene;
  beforeEach(async () => {
    const server = await startWandbServer();
    const folder = tempDir();
    const env = { ...emptyHome(folder), WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey };
    Object.assign(scene, { server, folder, env });
  });
  afterEach(() => scene.server.close());
  return scene;
}

/** As if nobody had touched a log for long. */
export function age(log: string): void {
  rmSync(`${log}.writer`, { force: true });
  utimesSync(log, new Date(0), new Date(0));
}

/** The numbers of so many rows. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, row) => row);
