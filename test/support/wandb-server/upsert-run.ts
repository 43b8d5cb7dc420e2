import { GraphqlError, type JsonMap } from "./graphql/execute.js";
import { parseLooseObject } from "./loose-json.js";
import { createRun, ensureProject, findRunById, type Run, type Store } from "./store.js";

const TEXT_FIELDS = {
  notes: "notes",
  description: "description",
  groupName: "group",
  jobType: "jobType",
  host: "host",
  jobProgram: "program",
  commit: "commit",
  jobRepo: "repo",
  sweep: "sweep",
} as const;

/**
 * The `upsertBucket` mutation: finds the run by storage id or by entity, project and run id, creates it if needed,
 * and replaces the fields that are given and not null.
 *
 * @param shared whether the request came from one of several writers of the run; their configs are merged, because
 * each of them only knows its own keys.
 */
export function upsertRun(
  store: Store,
  input: JsonMap,
  shared: boolean,
): { readonly run: Run; readonly inserted: boolean } {
  const text = (key: string) => (typeof input[key] === "string" ? (input[key] as string) : undefined);

  let run: Run | undefined;
  let inserted = false;
  const id = text("id");
  if (id !== undefined) {
    run = findRunById(store, id);
    if (run === undefined) throw new GraphqlError(`run ${id} not found`, 404);
  } else {
    const name = text("name");
    if (!name) throw new GraphqlError("a run needs a name", 400);
    const project = ensureProject(store, text("entityName"), text("modelName"));
    run = project.runs.get(name);
    if (run === undefined) {
      run = createRun(store, project, name);
      inserted = true;
    } else if (run.state !== "running" && text("state") === undefined) {
      run.state = "running";
      run.exitCode = null;
    }
  }

  for (const [key, field] of Object.entries(TEXT_FIELDS)) {
    const value = text(key);
    if (value !== undefined) run[field] = value;
  }
  const displayName = text("displayName");
  if (displayName !== undefined) {
    run.displayName = displayName;
    run.inventedName = false;
  }
  if (Array.isArray(input["tags"])) run.tags = input["tags"] as string[];
  const state = text("state");
  if (state !== undefined) run.state = state;
  const config = text("config");
  if (config !== undefined) run.config = shared ? mergeConfigs(run.config, config) : config;
  const summary = text("summaryMetrics");
  if (summary !== undefined) run.summary = summary;
  return { run, inserted };
}

interface WandbEntry {
  readonly value?: { readonly e?: object };
}

function mergeConfigs(before: string, after: string): string {
  const old = parseLooseObject(before) as { readonly _wandb?: WandbEntry };
  const given = parseLooseObject(after) as { readonly _wandb?: WandbEntry };
  return JSON.stringify({
    ...old,
    ...given,
    _wandb: {
      value: {
        ...old._wandb?.value,
        ...given._wandb?.value,
        e: { ...old._wandb?.value?.e, ...given._wandb?.value?.e },
      },
    },
  });
}
