import type { FileEntry } from "./local-file.js";

/** How far the files of an artifact are. */
export interface ArtifactProgress {
  /** Its name. */
  readonly artifact: string;
  readonly filesDone: number;
  readonly files: number;
  readonly bytesDone: number;
  readonly bytes: number;
}

/** Reports are at least so far apart, but for the last. */
const REPORT_MS = 250;

/** Counts files and bytes that are uploaded, and tells about it now and then. */
export function createProgress(
  artifact: string,
  entries: readonly FileEntry[],
  onProgress: ((progress: ArtifactProgress) => void) | undefined,
): { readonly onFile: () => void; readonly onBytes: (more: number) => void } {
  const files = entries.length;
  const bytes = entries.reduce((sum, { size = 0 }) => sum + size, 0);
  let filesDone = 0;
  let bytesDone = 0;
  let reported = 0;
  const report = () => {
    const now = performance.now();
    if (onProgress === undefined || (now - reported < REPORT_MS && filesDone < files)) return;
    reported = now;
    onProgress({ artifact, filesDone, files, bytesDone, bytes });
  };
  return {
    onFile() {
      filesDone++;
      report();
    },
    onBytes(more) {
      bytesDone += more;
      report();
    },
  };
}
