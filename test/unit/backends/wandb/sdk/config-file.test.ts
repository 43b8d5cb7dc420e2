import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfigFile } from "#backends/wandb/sdk/config-file.js";
import { tempDir } from "../../../../support/temp-dir.js";

const read = (text: string) => {
  const path = join(tempDir(), "config.yaml");
  writeFileSync(path, text);
  return readConfigFile(path);
};

describe("readConfigFile", () => {
  // Expected values are PyYAML's (yaml.safe_load of 6.0.3) for the same text.
  it("gives the values of the keys", () => {
    const text = `wandb_version: 1

# rates
lr:
  desc: "learning: rate" # why
  value: 1.0e-3
layers:
  value:
  - 64
  - 32
nested:
  value:
    depth: 2
    names: [a, 'b, c', {x: 1.5}]
    empty:
flags: {value: yes}
notes:
  value: |
    two
    lines
url:
  value: https://example.com/#part
`;
    expect(read(text)).toEqual({
      lr: 0.001,
      layers: [64, 32],
      nested: { depth: 2, names: ["a", "b, c", { x: 1.5 }], empty: null },
      flags: true,
      notes: "two\nlines\n",
      url: "https://example.com/#part",
    });
  });

  it("is undefined when there is no file", () => {
    expect(readConfigFile(join(tempDir(), "config-defaults.yaml"))).toBeUndefined();
  });

  it.each([
    ["a: [1, 2\n", /cannot be used: .*line 2/],
    ["just text\n", /it does not hold keys with values/],
    ["lr: 0.1\n", /"lr" has no "value:" below it/],
  ])("refuses %j, and says why", (text, why) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: "invalid-file", message: expect.stringMatching(why) }),
    );
  });
});
