import { printLine } from "../../../src/backend/trouble.js";
import { messageOf } from "../../../src/errors.js";
import type { Run } from "../sdk/run.js";
import { downloadWhole } from "../sdk/run-requests.js";

/** Fetches what the server has of a run. */
export type DownloadRun = (run: Run) => Promise<unknown>;

let downloadRun: DownloadRun = (run) => downloadWhole(run.requesting);

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
