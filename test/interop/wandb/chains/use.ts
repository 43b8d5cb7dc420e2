import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Wandb from "tracelet/wandb";

/** Uses the artifact of the first run, logs its content again and then other content, and says what it found. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ id: "user" });
  const used = await run.useArtifact("set:first", { type: "dataset" });
  const root = await used.download();
  const { name, type, version, aliases, metadata, description, digest, size } = used;
  const { entries } = await used.manifest();
  const found: { [key: string]: unknown } = {
    ...{ name, type, version, aliases: [...aliases].sort(), metadata, description, digest, size },
    loggedBy: (await used.loggedBy())?.id,
    entries: [...entries.values()].map((entry) => [entry.path, entry.digest, entry.ref ?? null]).sort(),
    content: Object.fromEntries(
      readdirSync(root).map((file) => [file, readFileSync(join(root, file), "utf8")]),
    ),
  };
  await used.verify(root);
  const digestAlgorithm = (process.env["CHAIN_DIGEST"] ?? "MD5") as "MD5";
  const about = { metadata: { k: [1] }, description: "d", digestAlgorithm };
  const same = new wandb.Artifact("set", { type: "dataset", ...about });
  for (const file of ["a.txt", "b.txt"]) same.addFile(join(root, file));
  await run.logArtifact(same, { aliases: ["again"] }).wait();
  const other = new wandb.Artifact("set", { type: "dataset", digestAlgorithm });
  other.addFile(join(root, "a.txt"));
  other.newFile("c.txt", "of the second");
  await run.logArtifact(other, { aliases: ["second"] }).wait();
  const draft = new wandb.Artifact("input", { type: "dataset", digestAlgorithm });
  draft.newFile("i.txt", "made elsewhere");
  run.useArtifact(draft);
  await run.finish();
  const api = new wandb.Api();
  const input = await api.artifact("input:latest");
  const usersOfInput = (await input.usedBy()).map(({ id }) => id);
  found["draft"] = [(await input.loggedBy()) === undefined, usersOfInput, input.aliases];
  const versionOf = async (alias: string) => (await api.artifact(`set:${alias}`)).version;
  found["same"] = [await versionOf("again"), same.digest === used.digest];
  found["other"] = await versionOf("second");
  const users = await (await api.artifact("set:v0")).usedBy();
  found["usedBy"] = users.map(({ id }) => id).sort();
  const versions = await api.artifacts("dataset", "set").toArray();
  found["versions"] = versions.map((item) => item.name).sort();
  writeFileSync("seen.json", JSON.stringify(found));
}
