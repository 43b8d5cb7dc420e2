import { printLine } from "../../../src/backend/trouble.js";
import { messageOf } from "../../../src/errors.js";
import type { Run } from "../sdk/run.js";

/** Fetches what the server has of a run. */
export type DownloadRun = (run: Run) => Promise<unknown>;

let downloadRun: DownloadRun = async ({ entity, project, id }) => {
  const fetching = await import("../api/download-run.js");
  await fetching.downloadRun([entity, project, id].filter((part) => part !== "").join("/"));
};

/** Has runs fetched in another way than by `downloadRun`. @internal */
export function setDownloadRun(download: DownloadRun): void {
  downloadRun = download;
}

/** Fetches a run that has ended well. Never throws: the work that the run is about is done. */
export async function downloadLogs(run: Run): Promise<void> {
  try {
    await downloadRun(run);
  } catch (error) {
    printLine(`wandb: downloadLogs: run ${run.id} was not downloaded: ${messageOf(error)}`);
  }
}
