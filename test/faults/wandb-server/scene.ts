import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { type OnlineOptions, type Place, placeIn, runOnline, stateOf } from "./online-run.js";

/** A server and a place for a run, until the test ends. Tests side by side each need their own context for that. */
export async function scene({
  onTestFinished,
}: TestContext): Promise<{ readonly server: WandbServer; readonly place: Place }> {
  const server = await startWandbServer();
  const dir = mkdtempSync(join(tmpdir(), "tracelet-trouble-"));
  onTestFinished(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { server, place: placeIn(dir, server) };
}

/** What a server holds of the run when nothing goes wrong. */
export async function undisturbedState(options: OnlineOptions = {}): Promise<NormalisedRun> {
  const server = await startWandbServer();
  const dir = mkdtempSync(join(tmpdir(), "tracelet-trouble-"));
  try {
    const { ended, result } = await runOnline(placeIn(dir, server), options);
    if (result?.report.pending !== 0) throw new Error(ended.stderr);
    return await stateOf(server);
  } finally {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
