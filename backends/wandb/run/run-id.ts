import { randomInt } from "node:crypto";
import { TraceletError } from "../../../src/errors.js";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A random id of `a-z0-9`: 8 characters for runs, 128 for the client ids of artifacts. */
export function generateId(length = 8): string {
  let id = "";
  for (let i = 0; i < length; i++) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}

const RUN_ID_RESERVED = ":;,#?/'";
const PROJECT_RESERVED = "/\\#?%:";
const PROJECT_LENGTH = 128;
const TAG_LENGTH = 64;

/** Throws `invalid-option` with the rule when a run id breaks one; returns it otherwise. */
export function checkRunId(id: string): string {
  return checkId(id, "run id", RUN_ID_RESERVED);
}

/** Throws `invalid-option` with the rule when a sweep id breaks one; returns it otherwise. */
export function checkSweepId(id: string): string {
  return checkId(id, "sweep id", "");
}

/** Throws `invalid-option` with the rule when a project name breaks one; returns it otherwise. */
export function checkProject(project: string): string {
  const rule = `a W&B project name has at most ${PROJECT_LENGTH} characters and none of ${spaced(PROJECT_RESERVED)}`;
  if (codePoints(project) > PROJECT_LENGTH) refuse(`${rule}; this one has ${codePoints(project)} characters`);
  const found = charactersOf(PROJECT_RESERVED, project);
  if (found !== "") refuse(`${rule}; "${project}" has ${spaced(found)}`);
  return project;
}

/** Throws `invalid-option` with the rule when a tag breaks one; returns the tags otherwise. */
export function checkTags(tags: readonly string[]): readonly string[] {
  for (const tag of tags) {
    const length = codePoints(tag);
    if (length < 1 || length > TAG_LENGTH) {
      refuse(`a W&B tag has 1 to ${TAG_LENGTH} characters; "${tag}" has ${length}`);
    }
  }
  return tags;
}

function checkId(id: string, what: string, reserved: string): string {
  const characters = reserved === "" ? "" : `, none of ${spaced(reserved)}`;
  const rule = `a W&B ${what} is not empty, has no space at its start or end${characters}`;
  if (id === "") refuse(rule);
  if (id !== id.trim()) refuse(`${rule}; "${id}" has space around it`);
  const found = charactersOf(reserved, id);
  if (found !== "") refuse(`${rule}; "${id}" has ${spaced(found)}`);
  return id;
}

const codePoints = (text: string): number => [...text].length;
const spaced = (characters: string): string => [...characters].join(" ");
const charactersOf = (reserved: string, text: string): string =>
  [...reserved].filter((character) => text.includes(character)).join("");

function refuse(rule: string): never {
  throw new TraceletError("invalid-option", `${rule[0]!.toUpperCase()}${rule.slice(1)}.`, {
    backend: "wandb",
  });
}
