import { describe, expect, it } from "vitest";
import { parseYaml } from "#backends/wandb/sdk/yaml.js";

// Expected values are PyYAML's (yaml.safe_load of 6.0.3) for the same texts.
describe("parseYaml", () => {
  it("reads a configuration file", () => {
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
flags: {value: true}
url:
  value: https://example.com/#part
`;
    expect(parseYaml(text)).toEqual({
      wandb_version: 1,
      lr: { desc: "learning: rate", value: 0.001 },
      layers: { value: [64, 32] },
      nested: { value: { depth: 2, names: ["a", "b, c", { x: 1.5 }], empty: null } },
      flags: { value: true },
      url: { value: "https://example.com/#part" },
    });
  });

  it("reads sequences of mappings", () => {
    expect(parseYaml("a:\n  - x: 1\n    y: [ ]\n  - x: -2.5\n  -\n    z: ~\n")).toEqual({
      a: [{ x: 1, y: [] }, { x: -2.5 }, { z: null }],
    });
  });

  it("names the line of what it does not read", () => {
    expect(() => parseYaml("a: 1\nb: |\n  text\n")).toThrow(/line 2: "\|" is not supported/);
    expect(() => parseYaml("a: 1\n  b: 2\n")).toThrow(/line 2/);
    expect(() => parseYaml("a: [1, 2\n")).toThrow(/line 1: a bracket is not closed/);
    expect(() => parseYaml("just text\n")).toThrow(/line 1/);
  });
});
