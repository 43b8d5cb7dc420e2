import type { StandardSchema } from "../../src/settings/standard-schema.js";
import { minLength, optional, strictObject, string } from "../../src/settings/zod.js";

/** Options of the `jsonl` backend. */
export interface JsonlOptions {
  /**
   * Path of the file, relative to the run's folder; events are added at its end. Default: `<run name>.jsonl` (or the
   * id's), and `<run name>-<id>.jsonl` when there is such a file already. When several processes of a job log, each has a
   * file of its own, with its run's id at the end of the name.
   */
  readonly file?: string | undefined;
}

export const jsonlOptions: StandardSchema<JsonlOptions> = strictObject({
  file: optional(string().check(minLength(1))),
});
