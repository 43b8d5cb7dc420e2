import { describe, expect, it } from "vitest";
import {
  appUrl,
  groupPage,
  normaliseBaseUrl,
  projectPage,
  runPage,
  sweepPage,
} from "#backends/wandb/server/address.js";

// Expected values are the official client's (wandb 0.30.0: Settings(base_url=...), .app_url, .run_url, .sweep_url).

describe("normaliseBaseUrl", () => {
  it.each([
    ["https://api.wandb.ai", "https://api.wandb.ai"],
    ["https://api.wandb.ai//", "https://api.wandb.ai"],
    ["http://localhost:8080/", "http://localhost:8080"],
    ["https://api.example.com/x", "https://api.example.com/x"],
    ["https://my.wandb.ai.example.com", "https://my.wandb.ai.example.com"],
    ["https://api.acme.wandb.ai", "https://api.acme.wandb.ai"],
  ])("takes %s as %s", (given, expected) => expect(normaliseBaseUrl(given)).toBe(expected));

  it.each([
    ["https://wandb.ai", /does not answer at https:\/\/wandb\.ai; use https:\/\/api\.wandb\.ai/],
    ["https://acme.wandb.ai", /does not answer at/],
    ["https://host/wandb.aix", /does not answer at/],
    ["http://api.wandb.ai", /unencrypted/],
    ["ftp://x", /no address of a W&B server/],
    ["x", /no address of a W&B server/],
    ["", /no address of a W&B server/],
  ])("refuses %j", (given, why) => {
    expect(() => normaliseBaseUrl(given)).toThrow(
      expect.objectContaining({ code: "invalid-option", message: expect.stringMatching(why) }),
    );
  });
});

describe("appUrl", () => {
  it.each([
    ["https://api.wandb.ai", "https://wandb.ai"],
    ["https://api.wandb.test", "https://app.wandb.test"],
    ["https://api.wandb.example.com", "https://wandb.example.com"],
    ["https://api.example.com/x", "https://app.example.com/x"],
    ["https://api.acme.wandb.ai", "https://app.acme.wandb.ai"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["https://wandb.example.com", "https://wandb.example.com"],
  ])("of %s is %s", (base, expected) => expect(appUrl(base)).toBe(expected));

  it("is the override, where there is one", () => {
    expect(appUrl("https://api.wandb.ai", "https://pages.example.com/")).toBe("https://pages.example.com");
    expect(appUrl("https://api.wandb.ai", "")).toBe("https://wandb.ai");
  });

  it("leaves credentials out", () => {
    expect(appUrl("https://me:hunter2@api.example.com")).toBe("https://app.example.com");
    expect(appUrl("https://api.wandb.ai", "https://key@pages.example.com")).toBe("https://pages.example.com");
  });
});

describe("pages", () => {
  const app = "http://localhost:8080";
  const path = { app, entity: "my team", project: "a b+c@d~e$&é(x)!*'" };

  it("escape what stands in names as the official client does", () => {
    const project = `${app}/my%20team/a%20b%2Bc%40d~e%24%26%C3%A9%28x%29%21%2A%27`;
    expect(projectPage(path)).toBe(project);
    expect(runPage(path, "x y@1$&+=é(x)!*~")).toBe(`${project}/runs/x%20y@1$&+=%C3%A9%28x%29%21%2A~`);
  });

  it("of sweeps and groups stand below the project", () => {
    const plain = { app, entity: "e", project: "p" };
    expect(sweepPage(plain, "s w")).toBe(`${app}/e/p/sweeps/s%20w`);
    expect(sweepPage(plain)).toBe(`${app}/e/p/sweeps`);
    expect(groupPage(plain, "a/b")).toBe(`${app}/e/p/groups/a%2Fb`);
  });
});
