import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { createRunSender, type SendEnd } from "#backends/wandb/sender/run-sender.js";
import { openServer } from "#backends/wandb/server/server.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { type Place, placeIn, runFolder, runOnline } from "./online-run.js";

/** The log of a small run, to be sent again and again from the test's own process. */
export interface OfflineLog {
  readonly server: WandbServer;
  readonly place: Place;
  readonly folder: string;
  /** Sends the log as if for the first time; `hangs` when that does not end within 30 s. */
  send(options?: {
    readonly logFile?: string;
    readonly warn?: (line: string) => void;
  }): Promise<SendEnd | "hangs">;
  close(): Promise<void>;
}

const QUICK = {
  graphqlRetryMax: 1,
  graphqlRetryWaitMinSeconds: 0.001,
  fileStreamRetryMax: 1,
  fileStreamRetryWaitMinSeconds: 0.001,
  fileStreamTransmitInterval: 0.001,
  fileTransferRetryMax: 1,
  fileTransferRetryWaitMinSeconds: 0.001,
  graphqlTimeoutSeconds: 5,
};

export async function makeOfflineLog(): Promise<OfflineLog> {
  const server = await startWandbServer();
  const place = placeIn(mkdtempSync(join(tmpdir(), "tracelet-answers-")), server);
  for (const name of ["WANDB_CACHE_DIR", "WANDB_DATA_DIR"]) vi.stubEnv(name, place.env[name]!);
  await runOnline(place, { rows: 20, blockMs: 0, env: { WANDB_MODE: "offline" } });
  const staged = join(place.dir, "staged");
  cpSync(place.env["WANDB_DATA_DIR"]!, staged, { recursive: true });
  const folder = runFolder(place);
  const own = join(folder, readdirSync(folder).find((name) => name.endsWith(".wandb"))!);
  return {
    server,
    place,
    folder,
    async send({ logFile = own, warn = () => {} } = {}) {
      server.store.projects.clear();
      server.store.artifacts.clear();
      rmSync(`${logFile}.cursor`, { force: true });
      // A save takes away what was staged for it.
      cpSync(staged, place.env["WANDB_DATA_DIR"]!, { recursive: true });
      const values = { ...QUICK, baseUrl: server.url };
      const to = openServer({ values, apiKey: server.apiKey, env: {}, warn })!;
      const ending = new AbortController();
      const sender = createRunSender({
        server: to,
        values,
        logFile,
        filesDir: join(folder, "files"),
        writer: { shared: false, id: "w", primary: true, endsRun: true },
        isLive: false,
        more: async () => false,
        signal: ending.signal,
        warn,
        known() {},
      });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<"hangs">((resolve) => {
        timer = setTimeout(resolve, 30_000, "hangs");
      });
      const end = await Promise.race([sender.done, late]);
      clearTimeout(timer);
      ending.abort();
      await to.close();
      return end;
    },
    async close() {
      vi.unstubAllEnvs();
      await server.close();
      rmSync(place.dir, { recursive: true, force: true });
    },
  };
}

/** Sets a fault for all requests of one test. */
export function always(log: OfflineLog, fault: Omit<WandbServer["faults"][number], "times">): void {
  log.server.faults.push({ ...fault, times: Number.POSITIVE_INFINITY });
  onTestFinished(() => {
    log.server.faults.length = 0;
  });
}
