import { rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TraceletError } from "../../../../src/errors.js";
import { cachedPath } from "../cache.js";
import { digestOfContent } from "../digests/digest.js";
import type { Digester } from "../digests/digester.js";
import { copyBeside, copyInto, etagPath, holds, moveInto, partsFolder, temporaryBeside } from "./cache.js";
import type { EntryContent } from "./contents.js";
import { fetchParts, fetchStream, isLarge, type RangeRules } from "./fetch-file.js";
import { isUnwritable, type Locate, type TransferContext, WrongContent } from "./transfer.js";

/** Where files are kept on their way. */
export interface Keeping {
  /** The cache; undefined: none is used. */
  readonly cache: string | undefined;
  readonly rules: RangeRules;
  readonly digester: Digester;
  /** Files on their way into the cache, by digest: the same content is fetched once. */
  readonly underWay: Map<string, Promise<void>>;
}

/**
 * Puts the content of an entry at `target`, checked; a file that is there and right is left alone. What is at `target`
 * afterwards is right, or what was there before.
 *
 * @throws TraceletError `invalid-file` when what is fetched is not what the manifest says, twice; RequestError when the
 * server refuses
 */
export async function storeEntry(
  context: TransferContext,
  content: EntryContent,
  target: string,
  keeping: Keeping,
): Promise<void> {
  if (content.kind === "stored") await storeOnce(context, content, target, keeping);
  else if (content.kind === "page") await storePage(context, content, target, keeping);
  else await storeLocal(content, target);
}

type Stored = Extract<EntryContent, { kind: "stored" }>;
type Page = Extract<EntryContent, { kind: "page" }>;
type Local = Extract<EntryContent, { kind: "local" }>;

/** Waits for the same content under another path; then it is in the cache. */
async function storeOnce(
  context: TransferContext,
  content: Stored,
  target: string,
  keeping: Keeping,
): Promise<void> {
  if (keeping.cache === undefined) return storeFile(context, content, target, keeping);
  const { underWay } = keeping;
  // Without a wait when there is nothing to wait for: others would look, too, before this one is noted.
  const before = underWay.get(content.digest);
  if (before !== undefined) await before.catch(() => {});
  const own = storeFile(context, content, target, keeping);
  underWay.set(content.digest, own);
  try {
    await own;
  } finally {
    if (underWay.get(content.digest) === own) underWay.delete(content.digest);
  }
}

async function storeFile(
  context: TransferContext,
  content: Stored,
  target: string,
  keeping: Keeping,
): Promise<void> {
  const { cache, digester } = keeping;
  const { digest, algorithm, size } = content;
  if (await holds(target, size, content, digester)) return;
  const kept = cache === undefined ? undefined : cachedPath(cache, digest, algorithm);
  if (kept !== undefined && (await holds(kept, size, content, digester))) {
    try {
      return await copyInto(kept, target);
    } catch (error) {
      // Another process has cleaned up the cache meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  let fetched: Fetched;
  try {
    fetched = await fetchChecked(context, content, target, keeping);
  } catch (error) {
    if (cache === undefined || !isUnwritable(error)) throw error;
    // The cache is no place to write to, on a full disk of its own, or there is room for one file and not for two.
    return await storeFile(context, content, target, { ...keeping, cache: undefined });
  }
  await settle(fetched, target, kept);
}

/** A file that was fetched and is right, in the cache's folder or beside its target. */
interface Fetched {
  readonly path: string;
  /** Of one in the cache's folder: a copy beside the target, unless it could not be made. */
  readonly copy: string | undefined;
  readonly problem?: unknown;
}

async function settle(
  { path, copy, problem }: Fetched,
  target: string,
  kept: string | undefined,
): Promise<void> {
  try {
    await rename(copy ?? path, target);
  } catch (error) {
    if (copy !== undefined) await rm(copy, { force: true });
    // What was fetched is there for the next time.
    await (kept === undefined ? rm(path, { force: true }) : keepInCache(path, kept));
    throw problem ?? error;
  }
  if (copy !== undefined) await keepInCache(path, kept!);
}

/** A download is good without the cache. */
async function keepInCache(path: string, kept: string): Promise<void> {
  await moveInto(path, kept).catch(() => rm(path, { force: true }));
}

/** Fetches a file and checks it; a wrong one is fetched once more, from a new address. */
async function fetchChecked(
  context: TransferContext,
  content: Stored,
  target: string,
  keeping: Keeping,
): Promise<Fetched> {
  for (let attempt = 0; ; attempt++) {
    let flaw: string;
    let arrived = 0;
    const counting: TransferContext = {
      ...context,
      onBytes: (count) => {
        arrived += count;
        context.onBytes?.(count);
      },
    };
    const from: Locate = (again) => content.locate(again || attempt > 0);
    try {
      const { digest, ...fetched } = await fetchCopied(counting, content, from, target, keeping);
      if (digest === content.digest) return fetched;
      await remove(fetched);
      flaw = "its content does not have the digest that the manifest says";
    } catch (error) {
      if (!(error instanceof WrongContent)) throw error;
      flaw = error.message;
    }
    context.onBytes?.(-arrived);
    if (attempt > 0) throw wrong(target, `${flaw}, twice`);
  }
}

/** Fetches a file and, for one that goes into the cache, copies it while the last of it is digested. */
async function fetchCopied(
  context: TransferContext,
  { digest, algorithm, size }: Stored,
  from: Locate,
  target: string,
  { cache, digester, rules }: Keeping,
): Promise<Fetched & { readonly digest: string }> {
  if (size === undefined || !isLarge(size)) {
    const path = temporaryFor(target, cache);
    const found = await fetchStream(context, from, path, { size, algorithm });
    return await copied(path, target, cache, Promise.resolve(found!));
  }
  const folder = cache === undefined ? dirname(target) : partsFolder(cache);
  const hex = Buffer.from(digest, "base64").toString("hex");
  const key = cache === undefined ? `.${hex}` : hex;
  const fetched = await fetchParts(context, from, {
    folder,
    key,
    size,
    rules,
    digests: { digester, algorithm },
  });
  return await copied(fetched.path, target, cache, fetched.digest!);
}

async function copied(
  path: string,
  target: string,
  cache: string | undefined,
  digested: Promise<string>,
): Promise<Fetched & { readonly digest: string }> {
  const [copy, digest] = await Promise.allSettled([
    cache === undefined ? undefined : copyBeside(path, target),
    digested,
  ]);
  const fetched: Fetched =
    copy.status === "fulfilled"
      ? { path, copy: copy.value }
      : { path, copy: undefined, problem: copy.reason };
  if (digest.status === "fulfilled") return { ...fetched, digest: digest.value };
  await remove(fetched);
  throw digest.reason;
}

async function remove({ path, copy }: Fetched): Promise<void> {
  await rm(path, { force: true });
  if (copy !== undefined) await rm(copy, { force: true });
}

async function storePage(
  context: TransferContext,
  { url, etag, size }: Page,
  target: string,
  keeping: Keeping,
): Promise<void> {
  const { cache } = keeping;
  const kept = cache === undefined || etag === undefined ? undefined : etagPath(cache, url, etag);
  if (kept !== undefined && size !== undefined && (await holds(kept, size))) return copyInto(kept, target);
  const path = temporaryFor(target, kept === undefined ? undefined : cache);
  try {
    await fetchStream(context, async () => ({ url, anonymous: true }), path, {
      size,
      check(headers) {
        const found = headers["etag"];
        if (etag !== undefined && bare(found ?? "") !== bare(etag)) {
          throw wrong(
            target,
            `${url} has changed since the artifact was logged: its ETag was ${etag}, now it is ${found ?? "not given"}`,
          );
        }
      },
    });
    if (kept !== undefined) {
      await moveInto(path, kept);
      await copyInto(kept, target);
    } else await rename(path, target);
  } catch (error) {
    await rm(path, { force: true });
    if (kept !== undefined && isUnwritable(error))
      return await storePage(context, { kind: "page", url, etag, size }, target, {
        ...keeping,
        cache: undefined,
      });
    throw error instanceof WrongContent ? wrong(target, `${url}: ${error.message}`) : error;
  }
}

/** Where a file is until it is complete: in the file system of the place it is moved to then. */
function temporaryFor(target: string, cache: string | undefined): string {
  return temporaryBeside(cache === undefined ? target : join(partsFolder(cache), "file"));
}

/** An ETag without its quotes and without the mark of a weak one. */
const bare = (etag: string): string => etag.replace(/^W\//, "").replace(/^"|"$/g, "");

async function storeLocal({ path, digest, size }: Local, target: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) throw wrong(target, `it is a reference to ${path}, which is no file of this machine`);
  const changed =
    (size !== undefined && stats.size !== size) ||
    (digest !== undefined && (await digestOfContent(path, "MD5")) !== digest);
  if (changed) throw wrong(target, `${path} has changed since the artifact was logged`);
  await copyInto(path, target);
}

function wrong(target: string, what: string): TraceletError {
  return new TraceletError("invalid-file", `Cannot download ${target}: ${what}.`, { backend: "wandb" });
}
