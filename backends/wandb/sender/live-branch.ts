import { TraceletError } from "../../../src/errors.js";
import type { PreparedRun } from "../run/start-run.js";
import { openServer } from "../server/server.js";
import { type Branch, findBranch } from "./branch.js";

/**
 * How long the first row waits for its step. What is logged meanwhile waits in memory, where a kill would take it, so this
 * is short; the official client waits up to 90 s.
 */
const PATIENCE_MS = 5_000;

/**
 * Asks the server where a run that resumes, rewinds or forks goes on.
 *
 * @throws TraceletError `invalid-option` when `must` or `never` does not hold, `backend-failed` when the server does not
 * answer in time
 */
export async function findLiveBranch({
  settings,
  apiKey,
}: Pick<PreparedRun, "settings" | "apiKey">): Promise<Branch | undefined> {
  const { values, entity, project, runId } = settings;
  const server = openServer({ values, apiKey, env: process.env, warn() {} });
  if (server === undefined) return undefined;
  let problem = "no answer";
  try {
    return await findBranch(server.connect().graphql, { entity, project, runId }, settings, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      onRetry(found) {
        problem = found;
      },
    });
  } catch (error) {
    if (error instanceof TraceletError) throw error;
    const reason = (error as Error).name === "TimeoutError" ? problem : (error as Error).message;
    throw new TraceletError(
      "backend-failed",
      `${server.baseUrl} did not say where the run goes on (${reason}); its steps begin at 0, and it joins the run ` +
        `${runId} when the server answers`,
      { backend: "wandb", cause: error },
    );
  } finally {
    await server.close();
  }
}
