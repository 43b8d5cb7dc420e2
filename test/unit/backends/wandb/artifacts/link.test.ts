import { beforeEach, describe, expect, it } from "vitest";
import { linkArtifact } from "#backends/wandb/artifacts/link.js";
import { openPlace, type Place } from "./upload/place.js";

let place: Place;
let artifactID: string;
beforeEach(async () => {
  place = await openPlace();
  const artifact = place.artifact("model");
  artifact.newFile("a.txt", "a");
  artifactID = (await place.saver().save(place.record(artifact))).id;
});

const link = (target: string, more: { aliases?: string[]; organization?: string } = {}) =>
  linkArtifact(place.connection, {
    artifact: { artifactID },
    target,
    entity: "team",
    project: "vision",
    ...more,
  });
const linked = () =>
  place.server.requests
    .filter(({ operation }) => operation === "LinkArtifact")
    .map(({ variables }) => variables);

describe("linkArtifact", () => {
  // The variables are those that the recording server recorded of `run.link_artifact` of wandb 0.31.0.
  it("links into a collection of the run's project", async () => {
    expect(await link("portfolio", { aliases: ["x", "x"] })).toEqual({ path: "team/vision/portfolio:v0" });
    expect(linked()).toEqual([
      {
        input: {
          aliases: [{ alias: "x", artifactCollectionName: "portfolio" }],
          artifactID,
          artifactPortfolioName: "portfolio",
          entityName: "team",
          projectName: "vision",
        },
      },
    ]);
    const portfolio = place.server.store.projects.get("team/vision")!.collections.get("portfolio")!;
    expect(portfolio.members.map(({ artifact }) => artifact.id)).toEqual([artifactID]);
  });

  it("links into other projects and entities", async () => {
    expect(await link("other/portfolio")).toEqual({ path: "team/other/portfolio:v0" });
    expect(await link("friends/other/portfolio")).toEqual({ path: "friends/other/portfolio:v0" });
  });

  it("links by the id that the client gave", async () => {
    const { clientId } = place.versions("model")[0]!;
    const artifact = { clientID: clientId };
    await linkArtifact(place.connection, {
      artifact,
      target: "portfolio",
      entity: "team",
      project: "vision",
    });
    expect(linked()).toMatchObject([{ input: { clientID: clientId } }]);
  });

  const organization = (name: string) => ({ name, orgEntity: { name: `${name}-org` } });
  const answer = (entity: object) =>
    place.server.faults.push({
      match: { operation: "FetchOrgInfoFromEntity" },
      action: { kind: "status", status: 200, body: JSON.stringify({ data: { entity } }) },
    });
  const team = { organization: organization("acme"), user: null };
  const person = {
    organization: null,
    user: { organizations: [organization("acme"), organization("club")] },
  };

  it.each([
    ["of a team", team, "wandb-registry-model/resnet", {}, "acme-org"],
    ["by its name", team, "acme/wandb-registry-model/resnet", {}, "acme-org"],
    ["by its entity", person, "club-org/wandb-registry-model/resnet", {}, "club-org"],
    ["by the setting", person, "wandb-registry-model/resnet", { organization: "club" }, "club-org"],
  ])("links into the registry of an organization: %s", async (_, entity, target, more, entityName) => {
    answer(entity);
    expect(await link(target, more)).toEqual({ path: `${entityName}/wandb-registry-model/resnet:v0` });
    expect(linked()).toMatchObject([
      { input: { entityName, projectName: "wandb-registry-model", artifactPortfolioName: "resnet" } },
    ]);
    const asked = place.server.requests.find(({ operation }) => operation === "FetchOrgInfoFromEntity");
    expect(asked!.variables).toEqual({ entity: "team" });
  });

  it.each([
    [
      person,
      "wandb-registry-model/resnet",
      /belongs to several organizations; begin the target with one .*"acme", "club"/,
    ],
    [
      team,
      "club/wandb-registry-model/resnet",
      /"team" does not belong to the organization "club", but to: "acme"/,
    ],
    [{ organization: null, user: null }, "wandb-registry-model/resnet", /"team" belongs to no organization/],
  ])("says which organization there is", async (entity, target, message) => {
    answer(entity);
    await expect(link(target)).rejects.toMatchObject({
      code: "invalid-value",
      message: expect.stringMatching(message),
    });
    expect(linked()).toEqual([]);
  });

  it.each(["", "a/b/c/d", "a//c", "name:v1"])("refuses the target %j", async (target) => {
    await expect(link(target)).rejects.toThrow(/the target of a link is/);
  });
});
