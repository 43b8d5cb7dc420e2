import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Artifact } from "../artifacts/artifact.js";
import { digestOfFile } from "../artifacts/digests/digest.js";
import { type FileValue, spacedJson } from "../values/file-json.js";
import { encodeSource, hashFile } from "./media-file.js";
import { type BoxesSpec, type MaskSpec, MEDIA, MEDIA_KINDS, type MediaSpec } from "./media-spec.js";

/** A media object inside an artifact: its file becomes an entry, and this is what refers to it. */
export function addMediaToArtifact(artifact: Artifact, spec: MediaSpec): FileValue {
  const { folder, type } = MEDIA_KINDS[spec[MEDIA]];
  const { caption, members, boxes, masks, classes } = spec;
  return {
    ...(caption === undefined ? {} : { caption }),
    ...addFile(artifact, folder, spec.source, spec.extension),
    _type: type,
    ...members,
    ...(classes === undefined ? {} : { classes: addClasses(artifact, classes) }),
    ...(boxes === undefined
      ? {}
      : { boxes: mapMembers(boxes, ({ content }: BoxesSpec) => content["box_data"]!) }),
    ...(masks === undefined
      ? {}
      : {
          masks: mapMembers(masks, (mask: MaskSpec) => ({
            ...addFile(artifact, "media/images/mask", mask.source, mask.extension),
            _type: "mask",
          })),
        }),
  };
}

/**
 * Files of the script keep their name, below the start of their hash, so that two of one name do not collide; what was
 * encoded here is named by its digest.
 */
function addFile(
  artifact: Artifact,
  folder: string,
  source: MediaSpec["source"],
  extension: string,
): { path: string; sha256: string } {
  if ("file" in source) {
    const sha256 = hashFile(source.file);
    const path = artifact.addFile(source.file, {
      name: `${folder}/${sha256.slice(0, 20)}/${basename(source.file)}`,
    });
    return { path, sha256 };
  }
  const bytes = encodeSource(source);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const digest = createHash("md5").update(bytes).digest("hex");
  const path = artifact.newFile(`${folder}/${digest.slice(0, 20)}${extension}`, bytes);
  return { path, sha256 };
}

function addClasses(artifact: Artifact, classes: NonNullable<MediaSpec["classes"]>): FileValue {
  const set = classes.map(({ id, name }) => ({ id, name }));
  const hash = createHash("md5").update(pythonText(set)).digest("hex");
  const path = `media/classes/${hash}_cls.classes.json`;
  artifact.newFile(path, spacedJson({ _type: "classes", class_set: set }));
  return { type: "classes-file", path, digest: digestOfFile(artifact.entry(path)!.localPath!) };
}

/** A class set as Python prints it, of which the official client takes the hash. */
function pythonText(classes: readonly { id: number; name: string }[]): string {
  const text = (name: string): string =>
    name.includes("'") && !name.includes('"')
      ? `"${name.replaceAll("\\", "\\\\")}"`
      : `'${name.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return `[${classes.map(({ id, name }) => `{'id': ${id}, 'name': ${text(name)}}`).join(", ")}]`;
}

function mapMembers<In>(values: { readonly [name: string]: In }, map: (value: In) => FileValue): FileValue {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
