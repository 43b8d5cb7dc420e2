import { expect } from "vitest";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";

/** Does something with a server of its own, on which every request must succeed. */
export async function onServer<Result>(work: (server: WandbServer) => Promise<Result>): Promise<Result> {
  const server = await startWandbServer();
  try {
    const result = await work(server);
    expect(server.requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
    return result;
  } finally {
    await server.close();
  }
}
