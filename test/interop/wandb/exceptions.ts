import { createHash } from "node:crypto";
import type { JsonValue } from "#src/events/event.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import { inOrder, type Said } from "./requests.js";
import { runIdOf, type Script } from "./scripts.js";

/** A difference from the official client that is meant. */
interface Exception {
  readonly reason: string;
  /** Whether it shows only when ours sends a run itself. */
  readonly online?: true;
  /** What the server would hold if the official client did as ours does. */
  apply(official: NormalisedRun): NormalisedRun;
}

/** What our `save()` finds in `101_save_more` and the official one does not. */
const MORE_SAVED = ["deep/one.txt", "deep/a/b/three.txt", "deep/with space.txt", "gone.txt"];

export const EXCEPTIONS: readonly Exception[] = [
  {
    reason: "The official client reads the text -0 as an integer, which has no sign; ours keeps the sign.",
    online: true,
    apply: (official) =>
      onlyOf("09_numbers", official, (run) => {
        const signed = { negative_zero: -0 };
        return put(run, { summary: signed, history: { 0: signed }, files: { "wandb-summary.json": signed } });
      }),
  },
  {
    reason:
      "The official client takes the password out of the repository's address and leaves the user name, which may be a token (https://<token>@host/...); ours takes out both.",
    apply: (official) => everyText(official, (text) => text.replaceAll("https://user:@", "https://")),
  },
  {
    reason:
      "The official client writes arrays in the configuration as the text numpy prints; ours keeps the numbers.",
    apply: (official) =>
      onlyOf("84_config_more_types", official, (run) =>
        put(run, {
          config: { array: { value: Array.from({ length: 40 }, (_, i) => i) }, one: { value: 2.5 } },
        }),
      ),
  },
  {
    reason:
      "A caption given for an image made of an image is lost in the official client, and a table that grew after it was logged tells its new number of rows over the old file; ours keeps the caption, and the number of rows of the file.",
    apply: (official) =>
      onlyOf("87_media_logged_again", official, (run) => {
        const [table, named] = [{ nrows: 1 }, { caption: "anew" }];
        const last = { named, table, other: table };
        return put(run, {
          summary: last,
          files: { "wandb-summary.json": last },
          history: { 2: { named }, 5: { table, other: table } },
        });
      }),
  },
  {
    reason:
      "The official client loses the names of a mask's classes when the mask is a file; ours keeps them.",
    apply: (official) =>
      onlyOf("88_image_files_and_overlays", official, (run) => {
        const key = "file_wandb_delimeter_m";
        const labels = { type: "mask/class_labels", key, value: { 0: "none", 11: "some" } };
        return put(run, { config: { _wandb: { "mask/class_labels": { [key]: labels } } } });
      }),
  },
  {
    reason:
      "In the official save(), ** is one folder as * is, and a file saved with the policy now that goes away before the sync is lost; in ours ** is any number of folders, and the content of the moment is kept.",
    apply: (official) =>
      onlyOf("101_save_more", official, (run) => {
        const files = MORE_SAVED.map((path) => [path, createHash("sha256").update(path).digest("hex")]);
        return put(run, { files: Object.fromEntries(files) });
      }),
  },
];

type Json = { readonly [key: string]: JsonValue };

function onlyOf(
  script: string,
  run: NormalisedRun,
  change: (run: NormalisedRun) => NormalisedRun,
): NormalisedRun {
  return run["id"] === runIdOf(script) ? change(run) : run;
}

/** Puts values into a run where they belong; arrays are changed by index. */
export function put<Value extends JsonValue>(value: Value, changes: Json): Value {
  const copy = (Array.isArray(value) ? [...value] : { ...(value as Json) }) as { [key: string]: JsonValue };
  for (const [key, change] of Object.entries(changes)) {
    const isInner = typeof change === "object" && change !== null && !Array.isArray(change);
    copy[key] = isInner ? put(copy[key] ?? {}, change as Json) : change;
  }
  return copy as Value;
}

/** What ours must be like; `online`: when it was sent by ours, and not by the official sync. */
export function expected(official: NormalisedRun, online = false): NormalisedRun {
  const applied = EXCEPTIONS.filter((exception) => online || !exception.online);
  return applied.reduce((run, exception) => exception.apply(run), official);
}

/** What ours must have said online: the same of the files that only ours has. */
export function expectedSaid({ name }: Script, official: Said): Said {
  if (name !== "101_save_more") return official;
  const { runFiles, stream } = official;
  const told = MORE_SAVED.map((file) => ({ ...runFiles[0]!, name: file }));
  return {
    ...official,
    runFiles: inOrder([...runFiles, ...told]),
    stream: { ...stream, uploaded: [...stream.uploaded, ...MORE_SAVED].sort() },
  };
}

function everyText<Value extends JsonValue>(value: Value, change: (text: string) => string): Value {
  const of = (part: JsonValue): JsonValue => {
    if (typeof part === "string") return change(part);
    if (Array.isArray(part)) return part.map(of);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, member]) => [key, of(member as JsonValue)]));
  };
  return of(value) as Value;
}
