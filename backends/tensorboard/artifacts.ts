import { constants } from "node:fs";
import {
  appendFile,
  copyFile,
  mkdir,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArtifactEvent } from "../../src/events/event.js";
import { toJson } from "./markdown.js";
import { placeInside } from "./run-folder.js";

/** Copies with a temporary name, so that a file under its own name is always whole. */
async function copyWhole(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.part`;
  try {
    // Shares blocks where the file system copies on write; never a link, since the source may change.
    await copyFile(source, temporary, constants.COPYFILE_FICLONE);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Copies what a folder holds, following links. `visited` keeps a link to a folder above from going round for ever,
 * and `skipped`, the run's own folder, keeps the copy from copying itself.
 */
async function copyFolder(
  source: string,
  target: string,
  skipped: string,
  visited: readonly string[],
): Promise<void> {
  const real = await realpath(source);
  if (real === skipped || visited.includes(real)) return;
  await mkdir(target, { recursive: true });
  for (const name of await readdir(source)) {
    const [from, to] = [join(source, name), join(target, name)];
    const status = await stat(from);
    if (status.isDirectory()) await copyFolder(from, to, skipped, [...visited, real]);
    else if (status.isFile()) await copyWhole(from, to);
  }
}

/**
 * Keeps an artifact below `<run>/artifacts`, and notes it in `<run>/artifacts.jsonl`; an address is only noted. A
 * later artifact of the same path replaces the earlier one. Rejects when the source cannot be read.
 */
export async function keepArtifact(run: string, event: ArtifactEvent): Promise<void> {
  const { name, type, path, source, description, metadata, aliases, wallTime } = event;
  const target = placeInside(join(run, "artifacts"), path);
  await mkdir(run, { recursive: true });
  if ("bytes" in source) {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, source.bytes);
  } else if ("file" in source) {
    await copyWhole(source.file, target);
  } else if ("folder" in source) {
    await copyFolder(source.folder, target, await realpath(run), []);
  }
  const note = {
    name,
    type,
    path,
    wallTime,
    ...("reference" in source ? { reference: source.reference } : {}),
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(aliases === undefined ? {} : { aliases }),
  };
  await appendFile(join(run, "artifacts.jsonl"), `${toJson(note)}\n`);
}
