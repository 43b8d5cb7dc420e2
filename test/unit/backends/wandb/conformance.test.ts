import { describe, test } from "vitest";
import { backend } from "#backends/wandb/backend.js";
import { conformanceCases } from "#src/backend/conformance.js";
import { logFile, readLog } from "../../../support/wandb-log.js";

/** Numbers of the history with their step: the row's own, or `global_step` for metrics that are defined on it. */
async function readScalars(dir: string): Promise<{ tag: string; value: number; step?: number }[]> {
  const { records } = readLog(logFile(dir));
  const late = new Set<string>();
  const found: { tag: string; value: number; step: number }[] = [];
  for (const { metric, history } of records) {
    if (metric?.stepMetric === "global_step") late.add(metric.name!.replaceAll("\\.", "."));
    const row = new Map(
      (history?.item ?? [])
        .filter((item) => item.nestedKey!.length === 1)
        .map((item) => [item.nestedKey![0]!, Number(item.valueJson)]),
    );
    for (const [tag, value] of row) {
      if (tag.startsWith("_") || tag === "global_step") continue;
      const step = late.has(tag) && row.has("global_step") ? row.get("global_step")! : row.get("_step")!;
      found.push({ tag, value, step });
    }
  }
  return found;
}

describe("the wandb backend", () => {
  const cases = conformanceCases({
    definition: backend,
    options: () => ({ mode: "offline" as const }),
    readScalars,
  });
  for (const { name, skip, run } of cases) test.skipIf(skip !== undefined)(name, run);
});
