import { TraceletError } from "../../../src/errors.js";
import { organizationEntity, REGISTRY } from "../artifacts/link.js";
import type { ApiSession } from "./session.js";

/** A project on the server. */
export interface ProjectPath {
  readonly entity: string;
  readonly project: string;
}

/** Something in a project: a run, a sweep, a version of an artifact. */
export type ItemPath = ProjectPath & { readonly name: string };

/**
 * Reads where a run or sweep stands: `entity/project/id`, `project/id` or `id`, also with `runs/` or `sweeps/` before the
 * id, with `:` before it, and as the address of its page.
 */
export async function parseItemPath(session: ApiSession, path: string): Promise<ItemPath> {
  const parts = partsOf(session, path, 4).filter((part, index, all) => {
    // As in addresses of pages. A project of one of these names has to be given as `entity/runs:id`.
    return !(index === all.length - 2 && index > 0 && (part === "runs" || part === "sweeps"));
  });
  if (parts.length < 3 && parts.length > 0) {
    const last = parts.pop()!;
    const colon = last.indexOf(":");
    parts.push(...(colon < 0 ? [last] : [last.slice(0, colon), last.slice(colon + 1)]));
  }
  const [name, project = session.project, entity, ...rest] = parts.reverse();
  if (!name || rest.length > 0) refuse(path, "entity/project/id, project/id or id");
  return { entity: entity ?? (await session.entity()), project, name };
}

/** Reads `entity/project`, `project`, or the address of a project's page; without a path the defaults. */
export async function parseProjectPath(session: ApiSession, path: string | undefined): Promise<ProjectPath> {
  const parts = path === undefined ? [] : partsOf(session, path, 2);
  const [project = session.project, entity, ...rest] = parts.reverse();
  if (rest.length > 0) refuse(path!, "entity/project or project");
  return { entity: entity ?? (await session.entity()), project };
}

/** Reads `[[entity/]project/]name[:alias or version]`; without a version it is the latest. Aliases may have slashes. */
export async function parseArtifactPath(session: ApiSession, path: string): Promise<ItemPath> {
  const colon = path.indexOf(":");
  const [front, alias] = colon < 0 ? [path, "latest"] : [path.slice(0, colon), path.slice(colon + 1)];
  const parts = front.split("/").filter((part) => part !== "");
  const [name, project = session.project, entity, ...rest] = parts.reverse();
  if (!name || alias === "" || rest.length > 0) refuse(path, "entity/project/name:alias or shorter");
  const owner = REGISTRY.test(project)
    ? await registryOwner(session, entity)
    : (entity ?? (await session.entity()));
  return { entity: owner, project, name: `${name}:${alias}` };
}

/** In a registry the first part of a path names the organization. */
async function registryOwner(session: ApiSession, organization: string | undefined): Promise<string> {
  const wanted = organization ?? process.env["WANDB_ORGANIZATION"];
  const entity = await session.entity();
  return session.ask((connection, options) => organizationEntity(connection, entity, wanted, options));
}

/** Addresses of the server's pages are paths too; those of a tab of one (`.../runs/id/files`) stand for the whole. */
function partsOf(session: ApiSession, path: string, most: 2 | 4): string[] {
  const trimmed = path.trim();
  const isAddress = /^https?:\/\//.test(trimmed);
  if (!isAddress) {
    return trimmed
      .split("/")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  }
  try {
    const below = new URL(trimmed).pathname;
    const base = new URL(session.appUrl).pathname.replace(/\/$/, "");
    return below
      .slice(base !== "" && below.startsWith(`${base}/`) ? base.length : 0)
      .split("/")
      .map(decodeURIComponent)
      .filter((part) => part !== "")
      .slice(0, most);
  } catch {
    return refuse(path, "https://<server>/entity/project/runs/id");
  }
}

function refuse(path: string, form: string): never {
  throw new TraceletError("invalid-value", `The path ${JSON.stringify(path)} is not of the form ${form}.`, {
    backend: "wandb",
  });
}
