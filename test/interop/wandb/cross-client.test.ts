import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../support/run-program.js";
import { type NormalisedRun, normalise } from "../../support/wandb-server/normalise.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import type { RunSnapshot } from "../../support/wandb-server/snapshot.js";
import { expected, put } from "./exceptions.js";
import { clientEnvironment } from "./official-client.js";
import { type Client, runHalf } from "./run-half.js";
import { inWorkspace } from "./workspace.js";

// Programs of two links, the second of which goes on with what the first has left at the server. The first link and the
// second are each run by the official client and by ours: all four ways end in what the official client makes alone.

/** Runs one link in a folder. */
async function runLink(
  client: Client,
  name: string,
  folder: string,
  environment: Environment,
): Promise<void> {
  const path = new URL(`./chains/${name}`, import.meta.url).pathname;
  const { code, stdout, stderr } = await runHalf(client, path, folder, environment);
  if (code !== 0) throw new Error(`${name} of ${client} ended with ${code}: ${stdout}${stderr}`);
}

interface Chain {
  readonly title: string;
  readonly links: readonly [string, string];
  readonly environment?: Environment;
  /** The runs that are compared. */
  readonly runs: readonly string[];
  /** What ours keeps of the first run and the official second link loses. */
  readonly kept?: NormalisedRun;
}

/**
 * Resuming, the official client loses what was NaN in the summary, and of a nested metric the members that are not logged
 * again; in one run without a break it keeps them. Ours keeps them either way.
 */
const KEPT_SUMMARY = { deep: { x: 4, y: { z: -4 } }, nan: Number.NaN };

const CHAINS: readonly Chain[] = [
  ...["allow", "must", "auto"].map(
    (resume): Chain => ({
      title: `resume ${resume}`,
      links: ["begin", "resume"],
      environment: { CHAIN_RESUME: resume },
      runs: ["chain"],
      kept: { summary: KEPT_SUMMARY, files: { "wandb-summary.json": KEPT_SUMMARY } },
    }),
  ),
  { title: "rewind", links: ["begin", "branch"], environment: { CHAIN_BRANCH: "rewind" }, runs: ["chain"] },
  {
    title: "fork",
    links: ["begin", "branch"],
    environment: { CHAIN_BRANCH: "fork" },
    runs: ["chain", "forked"],
  },
  { title: "artifacts", links: ["begin", "use"], runs: ["chain", "user"] },
  {
    title: "artifacts with XXH128",
    links: ["begin", "use"],
    environment: { CHAIN_DIGEST: "XXH128" },
    runs: ["chain", "user"],
  },
  { title: "refused beginnings", links: ["begin", "refused"], runs: ["chain", "allowed", "fresh"] },
];

interface Outcome {
  /** What the second link found. */
  readonly seen: unknown;
  readonly runs: readonly NormalisedRun[];
  readonly snapshots: readonly RunSnapshot[];
}

async function runChain(chain: Chain, clients: readonly [Client, Client]): Promise<Outcome> {
  const server = await startWandbServer();
  try {
    return await inWorkspace(async (folder) => {
      for (const [i, client] of clients.entries()) {
        const environment = {
          ...clientEnvironment(server, folder),
          WANDB_SILENT: "true",
          ...chain.environment,
        };
        // Only the second link of a chain asks for the run to be there.
        const { CHAIN_RESUME: resume, ...others } = environment as Environment & { CHAIN_RESUME?: string };
        const own = i === 0 && resume !== "auto" ? others : environment;
        await runLink(client, chain.links[i]!, folder, own);
      }
      const snapshots = await Promise.all(
        chain.runs.map((id) => server.snapshot("tester", "differential", id)),
      );
      expect(failures(server)).toEqual([]);
      return {
        seen: JSON.parse(await readFile(join(folder, "seen.json"), "utf8")),
        runs: snapshots.map((snapshot) => expected(normalise(snapshot), true)),
        snapshots,
      };
    });
  } finally {
    await server.close();
  }
}

const failures = (server: WandbServer) =>
  server.requests.filter(({ status, error }) => status === undefined || status >= 400 || error !== undefined);

describe.concurrent.each(CHAINS)("$title", (chain) => {
  let alone: Promise<Outcome> | undefined;
  const officially = () => {
    alone ??= runChain(chain, ["official", "official"]);
    return alone;
  };

  test.each([
    ["official", "ours"],
    ["ours", "official"],
    ["ours", "ours"],
  ] as const)("%s, then %s", async (...clients) => {
    const { seen, runs, snapshots } = await runChain(chain, clients);
    const official = await officially();
    expect(seen).toEqual(official.seen);
    const kept = clients[1] === "ours" ? (chain.kept ?? {}) : {};
    expect(runs).toEqual(official.runs.map((run) => put(run, kept)));
    for (const { holes } of snapshots) expect(holes).toBe(0);
    if (!chain.title.startsWith("resume")) return;
    const runtimes = snapshots[0]!.history.map((row) => row["_runtime"] as number);
    expect(runtimes).toEqual([...runtimes].sort((a, b) => a - b));
  });
});
