import { writeLines } from "./line-file.js";
import type { Run } from "./store.js";

/** A request to `/files/<entity>/<project>/<run>/file_stream`; an empty one is a heartbeat. */
export interface FileStreamBody {
  readonly files?: {
    readonly [name: string]: { readonly offset: number; readonly content: readonly string[] };
  };
  readonly uploaded?: readonly string[];
  readonly preempting?: boolean;
  readonly complete?: boolean;
  readonly exitcode?: number;
}

/**
 * Applies one request. History, events and console lines stand at their offsets, the summary is its one line.
 *
 * @param writer the client id of a shared run's writer, empty otherwise.
 * @returns what the server answers.
 */
export function applyFileStream(run: Run, body: FileStreamBody, writer: string): { stopped?: true } {
  run.heartbeatAt = new Date().toISOString();
  for (const [name, { offset, content }] of Object.entries(body.files ?? {})) {
    if (name === "wandb-history.jsonl") writeLines(run.history, writer, offset, content);
    else if (name === "wandb-events.jsonl") writeLines(run.events, writer, offset, content);
    else if (name === "output.log") writeLines(run.console, writer, offset, content);
    else if (name === "wandb-summary.json") run.summary = content.at(-1) ?? run.summary;
  }
  for (const name of body.uploaded ?? []) run.uploaded.add(name);
  if (body.preempting) {
    run.preempting = true;
    run.state = "preempting";
  }
  if (body.complete) {
    run.exitCode = body.exitcode ?? 0;
    run.state = run.exitCode === 0 ? "finished" : run.preempting ? "preempted" : "failed";
  }
  return run.stopped ? { stopped: true } : {};
}
