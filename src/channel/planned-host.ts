import type { AnyBackendDefinition, BackendContext } from "../backend/contract.js";
import { type BackendHost, createHost } from "../backend/host.js";
import type { BackendCandidate, CreatedBackend } from "../backend/open-first.js";
import { loadWorkerBackend } from "../backend/worker-backends.js";
import { TraceletError } from "../errors.js";
import { validateOptions } from "../settings/validate.js";
import { type HostNotice, noticesOf } from "./host-notices.js";
import type { BackendPlan } from "./protocol.js";

/** The host of a planned backend, in the worker. Trouble is a line on stderr and a notice to the script's thread. */
export function createPlannedHost(
  plan: BackendPlan,
  stallMs: number,
  notify: (notice: HostNotice) => void,
): BackendHost {
  const backend = plan.label;
  const candidates: BackendCandidate[] = [];
  for (let next: BackendPlan | undefined = plan; next !== undefined; next = next.fallback) {
    const candidate = next;
    candidates.push({ label: candidate.label, create: (context) => createPlanned(candidate, context) });
  }
  return createHost({
    label: backend,
    candidates,
    route: plan.route,
    stallMs,
    reporter: noticesOf(backend, notify),
  });
}

async function createPlanned(plan: BackendPlan, context: BackendContext): Promise<CreatedBackend> {
  if ("registered" in plan.source) {
    const { backend: definition } = await loadWorkerBackend(plan.source.registered, plan.options);
    return { ...definition, backend: await definition.create(plan.options as never, context) };
  }
  const definition = await importDefinition(plan.source.module);
  const options = validateOptions(definition.options, plan.options, `backend ${plan.label}`);
  return { ...definition, backend: await definition.create(options as never, context) };
}

/** The definition a module exports as `backend` or by default. */
async function importDefinition(url: string): Promise<AnyBackendDefinition> {
  const module = (await import(url)) as { backend?: unknown; default?: unknown };
  const definition = (module.backend ?? module.default) as Partial<AnyBackendDefinition> | undefined;
  if (typeof definition?.create !== "function" || typeof definition.name !== "string") {
    throw new TraceletError(
      "invalid-option",
      `${url} is no backend: it must export what defineBackend() returned, as "backend" or by default`,
    );
  }
  return definition as AnyBackendDefinition;
}
