import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createExperiment } from "tracelet";
import { expect, test } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";

// Tags travel as numbers from a table of 65,536; a row that comes when the table is nearly full must not be split by
// its renewal, or its values would stand under other tags' names.
test("every value of a row stands under its own name when the table of tags is renewed", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tracelet-tags-"));
  try {
    const experiment = createExperiment("jsonl", {
      dir,
      config: { file: "run.jsonl" },
      system: false,
      git: false,
      environment: false,
    });
    for (let i = 0; i < 65_000; i++) experiment.logMetric(`tag-${i}`, i);
    experiment.log(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`row-${i}`, i])));
    await experiment.finish();
    let values = 0;
    for (const event of readJsonl(join(dir, "run.jsonl"))) {
      if (event.kind === "scalar") expect(event.tag).toBe(`tag-${event.value}`);
      if (event.kind !== "row") continue;
      for (const [i, tag] of event.tags.entries()) expect(tag).toBe(`row-${event.values[i]}`);
      values += event.tags.length;
    }
    expect(values).toBe(2_000);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
