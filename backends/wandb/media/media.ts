import type { Artifact } from "../artifacts/artifact.js";
import type { ArtifactObject } from "../artifacts/artifact-object.js";
import { spacedJson } from "../values/file-json.js";
import type { ColumnType } from "./column-type.js";
import { addMediaToArtifact } from "./media-artifact.js";
import { MEDIA, MEDIA_KINDS, type MediaSpec } from "./media-spec.js";

/** What all media objects have in common. */
export abstract class Media implements ArtifactObject {
  /** Its plain form. */
  abstract readonly spec: MediaSpec;
  /** What a table's column of it is. */
  abstract readonly columnType: ColumnType;

  get artifactSuffix(): string {
    return MEDIA_KINDS[this.spec[MEDIA]].type;
  }

  toArtifactText(artifact: Artifact): string {
    return spacedJson(addMediaToArtifact(artifact, this.spec));
  }
}
