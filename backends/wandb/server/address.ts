import { TraceletError } from "../../../src/errors.js";

/** Where the API of W&B's own service is. `WANDB_BASE_URL` and `host` name another server. */
export const DEFAULT_BASE_URL = "https://api.wandb.ai";

/** Addresses of W&B's own service, which only answers at the one of its API. */
const OWN_SERVICE = /wandb\.ai[^.]*$/;

/**
 * The address of a server's API as requests need it: http or https, without a slash at the end.
 *
 * @throws TraceletError `invalid-option` when it is no such address, or one of W&B's own service that does not answer
 *
 * @example
 * ```ts
 * normaliseBaseUrl("http://localhost:8080/"); // "http://localhost:8080"
 * ```
 */
export function normaliseBaseUrl(address: string): string {
  const base = address.replace(/\/+$/, "");
  if (!/^https?:$/.test(URL.canParse(base) ? new URL(base).protocol : "")) {
    refuse(`"${address}" is no address of a W&B server; it begins with https:// or http://`);
  }
  if (!OWN_SERVICE.test(base)) return base;
  if (!base.includes("api.")) refuse(`W&B's own service does not answer at ${base}; use ${DEFAULT_BASE_URL}`);
  if (!base.startsWith("https:"))
    refuse(`${base} would send the API key unencrypted; use ${DEFAULT_BASE_URL}`);
  return base;
}

/** How an address of an API becomes the one of the pages; the first that stands in it counts. */
const PAGES_OF_API = [
  ["://api.wandb.test", "://app.wandb.test"],
  ["://api.wandb.", "://wandb."],
  ["://api.", "://app."],
] as const;

/**
 * Where the pages of a server are, for people. Credentials in the address are left out.
 *
 * @param baseUrl address of the API; an address of pages stays as it is
 * @param override address of the pages, when it is known (`WANDB_APP_URL`)
 *
 * @example
 * ```ts
 * appUrl("https://api.wandb.example.com"); // "https://wandb.example.com"
 * ```
 */
export function appUrl(baseUrl: string, override?: string): string {
  const given = (override || baseUrl).replace(/\/+$/, "").replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1");
  if (override) return given;
  const rule = PAGES_OF_API.find(([api]) => given.includes(api));
  return rule === undefined ? given : given.replace(rule[0], rule[1]);
}

/** A project at a server. */
export interface ProjectPath {
  /** From {@link appUrl}. */
  readonly app: string;
  readonly entity: string;
  readonly project: string;
}

/** Page of a project. */
export const projectPage = ({ app, entity, project }: ProjectPath): string =>
  `${app}/${quote(entity)}/${quote(project)}`;

/** Page of a run. */
export const runPage = (path: ProjectPath, id: string): string =>
  `${projectPage(path)}/runs/${quote(id).replace(/%(?:24|26|2B|3D|40)/g, decodeURIComponent)}`;

/** Page of the runs of a group. */
export const groupPage = (path: ProjectPath, group: string): string =>
  `${projectPage(path)}/groups/${quote(group)}`;

/** Page of a sweep, or of all sweeps of the project. */
export const sweepPage = (path: ProjectPath, id?: string): string =>
  `${projectPage(path)}/sweeps${id === undefined ? "" : `/${quote(id)}`}`;

/** One part of a path, with everything escaped that the official client escapes. */
function quote(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-option", `${rule}.`, { backend: "wandb" });
}
