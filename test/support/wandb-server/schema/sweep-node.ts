import { parse } from "yaml";
import type { Node } from "../graphql/execute.js";
import type { Project, Sweep } from "../store.js";

/** The `Sweep` type. */
export function sweepNode(project: Project, sweep: Sweep): Node {
  const { method, description } = parse(sweep.config) as { method?: string; description?: string };
  return {
    __typename: "Sweep",
    ...sweep,
    method: method ?? null,
    description: description ?? null,
    updatedAt: sweep.createdAt,
    runCount: () => [...project.runs.values()].filter((run) => run.sweep === sweep.name).length,
  };
}
