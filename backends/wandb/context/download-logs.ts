import { printLine } from "../../../src/backend/trouble.js";
import { messageOf } from "../../../src/errors.js";
import type { Run } from "../sdk/run.js";

/** Fetches what the server has of a run. */
export type DownloadRun = (run: Run) => Promise<unknown>;

let downloadRun: DownloadRun = () =>
  Promise.reject(new Error("this version cannot fetch runs from the server yet"));

/** Says what `downloadLogs: true` does. @internal */
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
