import type { DigestAlgorithm } from "./digests/hasher.js";
import type { StagingPolicy } from "./staging.js";

/** What an artifact is (Python: the arguments of `wandb.Artifact`). */
export interface ArtifactOptions {
  /** What it is: `model`, `dataset`, ... */
  type: string;
  description?: string;
  /** At most 100 keys; NaN becomes null. */
  metadata?: { readonly [key: string]: unknown };
  /** Only new entries are in this version; the server merges them with the version before. */
  incremental?: boolean;
  /**
   * How files are known, default `MD5`. `XXH128` is ten times as fast to compute; a server or collection that has MD5 gets
   * MD5 all the same. Clients before 0.29 download such artifacts, but fail to verify them.
   */
  digestAlgorithm?: DigestAlgorithm;
  /** Where files wait for their upload; default: below `WANDB_DATA_DIR`. */
  staging?: string;
  /** Ids under which other objects refer to this version and its series; default: new random ones. */
  clientId?: string;
  sequenceClientId?: string;
}

/** How a file or folder is added to an artifact. */
export interface AddOptions {
  /** Path inside the artifact; for folders the one they stand under. */
  name?: string;
  /** How the file is kept until it is uploaded; default `mutable`: as a copy. */
  policy?: StagingPolicy;
  /** Keep no copy in W&B's cache after the upload. */
  skipCache?: boolean;
  /** Replace an entry of the same path and another content; default: refuse. */
  overwrite?: boolean;
}

/** How an address is added to an artifact. */
export interface ReferenceOptions {
  /** Path inside the artifact; default: the last part of the address. Needed for unknown kinds of address. */
  name?: string;
  /** For `file://`: false makes the digest depend on the path alone. Other addresses are their own digest. */
  checksum?: boolean;
  /** Checksum known to the caller, e.g. an ETag without its quotes. */
  digest?: string;
  /** Bytes, if known. */
  size?: number;
}

/** Days, hours and so on are the caller's; `inherit` takes the team's rule, null switches deletion off. */
export type ArtifactTtl = number | null | "inherit";
