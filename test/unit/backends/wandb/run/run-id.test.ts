import { describe, expect, it } from "vitest";
import { checkProject, checkRunId, checkSweepId, checkTags, generateId } from "#backends/wandb/run/run-id.js";

describe("ids and names", () => {
  it("generates ids of a-z and 0-9", () => {
    expect(generateId()).toMatch(/^[a-z0-9]{8}$/);
    expect(generateId(128)).toMatch(/^[a-z0-9]{128}$/);
    expect(new Set(Array.from({ length: 1000 }, () => generateId())).size).toBe(1000);
  });

  it("takes what the official client takes", () => {
    expect(checkRunId("My run.7-ä")).toBe("My run.7-ä");
    expect(checkProject("é".repeat(128))).toHaveLength(128);
    expect(checkTags(["a", "x".repeat(64)])).toHaveLength(2);
    expect(checkSweepId("a/b")).toBe("a/b");
  });

  it.each([
    [() => checkRunId(""), /not empty/],
    [() => checkRunId(" a"), /no space at its start or end/],
    [() => checkRunId("a/b:c"), /none of : ; , # \? \/ '; "a\/b:c" has : \//],
    [() => checkProject("p".repeat(129)), /at most 128 characters.*129/],
    [() => checkProject("a%b"), /"a%b" has %/],
    [() => checkTags([""]), /1 to 64 characters; "" has 0/],
    [() => checkTags(["x".repeat(65)]), /65/],
    [() => checkSweepId("a "), /sweep id/],
  ])("refuses with the rule %#", (check, message) => {
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ code: "invalid-option", backend: "wandb" }));
  });
});
