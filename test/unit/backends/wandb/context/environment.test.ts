import { describe, expect, it } from "vitest";
import type { WandbConfig } from "#backends/wandb/context/config.js";
import { contextFromEnv, writeContext } from "#backends/wandb/context/environment.js";

const through = (config: WandbConfig) => contextFromEnv({ ...writeContext(config) });

describe("a context on its way to another process", () => {
  it("keeps the types of its values", () => {
    const config: WandbConfig = {
      project: "123",
      name: "true",
      entity: "1e3",
      notes: "",
      tags: ["1", "null"],
      config: { text: "0.10", number: 0.1, yes: true, none: null, list: [1, "1"], nested: { deep: "false" } },
      downloadLogs: false,
      runMode: "new",
      rankScope: "worker",
      settings: { statsSamplingInterval: 5, console: "off" },
      parent: { id: "007", project: "123", mode: "offline" },
    };
    expect(through(config)).toEqual(config);
  });

  it("sets nothing that was not set", () => {
    expect(through({ project: "p" })).toEqual({ project: "p" });
    expect(contextFromEnv({})).toEqual({});
    expect(contextFromEnv({ TRACELET_CONTEXT: "" })).toEqual({});
  });

  it("runs a task remotely, and nothing else", () => {
    const task = { runName: "r", actionName: "a" };
    expect(through({ task })).toEqual({ task, execution: "remote" });
    expect(through({ task, execution: "local" }).execution).toBe("local");
    expect(through({ parent: { id: "x", project: "p", mode: "online" } }).execution).toBeUndefined();
  });

  it("is one variable, and plain JSON", () => {
    const env = writeContext({ project: "p" });
    expect(Object.keys(env)).toEqual(["TRACELET_CONTEXT"]);
    expect(JSON.parse(env.TRACELET_CONTEXT)).toEqual({ wandb: { project: "p" } });
  });

  it("carries no secrets", () => {
    const secret = "0123456789".repeat(4);
    const { TRACELET_CONTEXT: text } = writeContext({
      config: { lr: 1, db: { password: secret }, apiKey: secret },
      settings: {
        apiKey: secret,
        console: "off",
        httpProxy: `http://me:${secret}@proxy:3128`,
        extraHttpHeaders: { "Proxy-Authorization": `Basic ${secret}` },
      },
    });
    expect(text).not.toContain(secret);
    // A setting that is masked would be a wrong one; an input that is masked is as the run holds it.
    expect(JSON.parse(text).wandb).toEqual({
      config: { lr: 1, db: { password: "***" }, apiKey: "***" },
      settings: { console: "off" },
    });
  });

  it.each([
    [{ config: { lr: Number.NaN } }, /contextToEnv\(\)\.config\.lr is NaN/],
    [{ config: { fn: () => {} } }, /contextToEnv\(\)\.config\.fn is a function/],
  ])("refuses what JSON cannot carry, by name: %j", (config, why) => {
    expect(() => writeContext(config)).toThrow(
      expect.objectContaining({ code: "invalid-value", message: expect.stringMatching(why) }),
    );
  });

  it.each([
    "{",
    "7",
    "null",
    '{"wandb":1}',
    '{"wandb":{"projct":"p"}}',
    '{"wandb":{"task":{"runName":"r"}}}',
    '{"wandb":{"parent":{"id":""}}}',
    '{"wandb":{"runMode":"old"}}',
  ])("is refused when it is broken: %s", (text) => {
    expect(() => contextFromEnv({ TRACELET_CONTEXT: text })).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        message: expect.stringContaining("TRACELET_CONTEXT"),
      }),
    );
  });

  it("may hold nothing for W&B", () => expect(contextFromEnv({ TRACELET_CONTEXT: "{}" })).toEqual({}));
});
