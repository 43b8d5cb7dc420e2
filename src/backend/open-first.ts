import { runAt } from "../distributed/rank-role.js";
import type { Backend, BackendContext, BackendDefinition, Opened, RunDescription } from "./contract.js";
import { after, isPromise } from "./maybe-async.js";

/** A backend that may be tried. */
export interface BackendCandidate {
  readonly label: string;
  create(context: BackendContext): CreatedBackend | Promise<CreatedBackend>;
}

/** A backend made by its definition, with what the host must know of the definition. */
export interface CreatedBackend extends Pick<BackendDefinition, "unsupported" | "sharedWriters"> {
  readonly backend: Backend;
}

/** A backend that has opened the run, and what it has begun by that. */
export type OpenedBackend = CreatedBackend & Opened;

/**
 * The first of the candidates that opens the run, at once if it does so at once; undefined when none does.
 *
 * @param failed hears of each that does not, with what comes next
 */
export function openFirst(
  candidates: readonly BackendCandidate[],
  context: BackendContext,
  run: RunDescription,
  failed: (candidate: BackendCandidate, error: unknown, next: BackendCandidate | undefined) => void,
): OpenedBackend | undefined | Promise<OpenedBackend | undefined> {
  const [candidate, ...others] = candidates;
  if (candidate === undefined) return undefined;
  const goOn = (error: unknown) => {
    failed(candidate, error, others[0]);
    return openFirst(others, context, run, failed);
  };
  try {
    const opened = after(candidate.create(context), (created) =>
      after(created.backend.open(runAt(created, run)), (begun): OpenedBackend => {
        const connected = begun?.connected;
        return connected === undefined ? created : { ...created, connected };
      }),
    );
    return isPromise(opened) ? opened.then((done) => done, goOn) : opened;
  } catch (error) {
    return goOn(error);
  }
}
