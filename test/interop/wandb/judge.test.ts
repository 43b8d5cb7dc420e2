import { expect, test } from "vitest";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { runOurs } from "./run-ours.js";
import { listScripts } from "./scripts.js";

// The comparison must see every kind of thing a run has: each program is changed in one place.
test.concurrent.each([
  ["01", "a number of a row", "accuracy: i / 10", "accuracy: i / 10 + 1e-12"],
  ["04", "which row a value is in", "{ commit: false }", "{}"],
  ["05", "a row more", "run.log({ a: 6 }, { step: 0 })", "run.log({ a: 6 }, { step: 7 })"],
  ["09", "a whole number for a truth value", "zero: 0", "zero: false"],
  ["13", "the step of a metric", 'stepMetric: "epoch"', 'stepMetric: "loss"'],
  ["15", "a kind of summary", '"mean", "last"', '"max", "last"'],
  ["18", "a value of the configuration", '["dropout"] = 0.5', '["dropout"] = 0.25'],
  ["22", "a value deleted", 'delete run.summary["a"]', 'run.summary["c"]'],
  ["23", "a tag", '"v1.0"', '"v1.1"'],
  ["23", "the notes", "line one", "line 1"],
  ["27", "a pixel", "(i * 7) % 256", "(i === 0 ? 1 : i * 7) % 256"],
  ["29", "a caption", '"third"', '"3rd"'],
  ["30", "a box", "minX: 0.1", "minX: 0.2"],
  ["31", "a mask", "column >= 5", "column >= 6"],
  ["33", "a sample", "- 50) * 100", "- 50) * 101"],
  ["35", "a page", "<b>2</b>", "<b>3</b>"],
  ["40", "a cell", "1.25", "1.5"],
  ["42", "media in a cell", "pixels(51)", "pixels(52)"],
  ["45", "a chart", '"a line"', '"a curve"'],
  ["48", "a path in an artifact", 'name: "under"', 'name: "over"'],
  ["49", "metadata of an artifact", "accuracy: 0.9", "accuracy: 0.8"],
  ["49", "an alias", '"v-one"', '"v-two"'],
  ["51", "a file of an artifact", "h\\u00e9llo", "hello"],
  ["56", "a saved file", '" and more"', '" and less"'],
  ["58", "an alert", "an alert", "another"],
  ["59", "a line of the console", "first line", "1st line"],
  ["59", "which stream it was", "console.error", "console.log"],
  ["61", "the exit code", "exitCode: 3", "exitCode: 4"],
])("%s: sees %s", async (id, _what, from, to) => {
  const script = listScripts().find(({ name }) => name.startsWith(`${id}_`))!;
  const server = await startWandbServer();
  try {
    const plain = await runOurs(script, server);
    const changed = await runOurs(script, server, (source) => {
      expect(source).toContain(from);
      return source.replace(from, to);
    });
    expect(changed).not.toEqual(plain);
  } finally {
    await server.close();
  }
});
