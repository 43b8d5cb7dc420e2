import { describe, expect, it } from "vitest";
import { checkConfig, mergeConfig, toInitOptions, type WandbConfig } from "#backends/wandb/context/config.js";
import { getWandbConfig, withWandbConfig } from "#backends/wandb/context/scope.js";

describe("mergeConfig", () => {
  it("goes key by key, and never resets what the inner one does not set", () => {
    const outer: WandbConfig = {
      project: "outer",
      runMode: "new",
      rankScope: "worker",
      downloadLogs: true,
      tags: ["a", "b"],
      config: { lr: 1, depth: 2 },
      settings: { console: "off", silent: true },
    };
    const inner = {
      project: "inner",
      name: undefined,
      tags: ["c"],
      config: { lr: 3 },
      settings: { silent: false },
    };
    expect(mergeConfig(outer, inner as unknown as WandbConfig)).toEqual({
      ...outer,
      project: "inner",
      tags: ["c"],
      config: { lr: 3, depth: 2 },
      settings: { console: "off", silent: false },
    });
    expect(mergeConfig(outer, {})).toEqual(outer);
    expect(outer.config).toEqual({ lr: 1, depth: 2 });
  });
});

describe("toInitOptions", () => {
  it("keeps what wandb.init takes, and makes the host its base URL", () => {
    const options: WandbConfig = { project: "p", tags: ["t"], settings: { silent: true } };
    const rest: WandbConfig = {
      runMode: "new",
      rankScope: "worker",
      downloadLogs: true,
      execution: "remote",
      host: "http://localhost:8080/",
      task: { runName: "r", actionName: "a" },
      parent: { id: "x", project: "p", mode: "online" },
    };
    expect(toInitOptions(rest)).toEqual({ settings: { baseUrl: "http://localhost:8080" } });
    expect(toInitOptions({ ...options, ...rest })).toEqual({
      ...options,
      settings: { silent: true, baseUrl: "http://localhost:8080" },
    });
    expect(toInitOptions(options)).toEqual(options);
  });
});

describe("checkConfig", () => {
  it.each<[object, RegExp]>([
    [{ projct: "p" }, /^withWandbConfig: unknown option "projct" \(did you mean "project"\?\)/],
    [{ runMode: "old" }, /runMode must be one of auto, new, shared, not "old"/],
    [{ rankScope: 1 }, /rankScope must be one of global, worker, not 1/],
    [{ execution: "far" }, /execution must be one of local, remote/],
    [{ downloadLogs: "yes" }, /downloadLogs must be true or false, not "yes"/],
    [{ task: { runName: "r" } }, /task needs the texts runName and actionName/],
    [{ host: "wandb.ai" }, /no address of a W&B server/],
    [{ host: "https://wandb.ai" }, /use https:\/\/api\.wandb\.ai/],
  ])("refuses %j", (config, why) => {
    expect(() => checkConfig(config as WandbConfig, "withWandbConfig")).toThrow(
      expect.objectContaining({ code: "invalid-option", message: expect.stringMatching(why) }),
    );
  });
});

describe("withWandbConfig", () => {
  it("nests, and restores across awaits and throws", async () => {
    const seen: WandbConfig[] = [];
    const look = () => seen.push(getWandbConfig());
    await withWandbConfig({ project: "a", runMode: "new" }, async () => {
      await withWandbConfig({ project: "b", downloadLogs: true }, async () => {
        look();
        await new Promise((resolve) => setTimeout(resolve, 1));
        look();
      });
      look();
      await expect(
        withWandbConfig({ project: "c" }, async () => {
          await null;
          throw new Error("on purpose");
        }),
      ).rejects.toThrow("on purpose");
      expect(() =>
        withWandbConfig({ project: "d" }, () => {
          throw new Error("at once");
        }),
      ).toThrow("at once");
      look();
    });
    const inner = { project: "b", runMode: "new", downloadLogs: true };
    const outer = { project: "a", runMode: "new" };
    expect(seen).toEqual([inner, inner, outer, outer]);
    expect(getWandbConfig()).toEqual({});
  });

  it("keeps contexts that run at the same time apart", async () => {
    const projects = await Promise.all(
      ["a", "b", "c"].map((project, i) =>
        withWandbConfig({ project }, async () => {
          await new Promise((resolve) => setTimeout(resolve, 5 - i));
          return getWandbConfig().project;
        }),
      ),
    );
    expect(projects).toEqual(["a", "b", "c"]);
  });

  it("gives what the function gives, at once where it does", () => {
    expect(withWandbConfig({ project: "p" }, () => 7)).toBe(7);
  });
});
