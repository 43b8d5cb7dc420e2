import type { StandardSchema } from "../../src/settings/standard-schema.js";
import { int, number, optional, refine, strictObject, string } from "../../src/settings/zod.js";

/** Options of the `tensorboard` backend: what torch's SummaryWriter takes and what has a meaning here. */
export interface TensorBoardOptions {
  /**
   * The run's folder, absolute or below the experiment's `dir`. It may exist: a resumed run gets one more event file.
   * Default: `runs/<name of the experiment>` when it has a name, else `runs/<Mon><DD>_<HH-MM-SS>_<host><comment>`;
   * these are made unique with a number. When several processes of a job log, the run's id takes the place of time and number,
   * and is a folder below a `logDir` unless they share the run.
   */
  logDir?: string | undefined;
  /** Ends the default folder's name. Not used when `logDir` is given. */
  comment?: string | undefined;
  /** For a resumed run: hides what was logged before at this step and later ones (in TensorBoard's Python reader). */
  purgeStep?: number | undefined;
  /** Ends the names of the event files. */
  filenameSuffix?: string | undefined;
}

const isFileNamePart = refine((text: unknown) => !/[/\\\0]/.test(String(text)), {
  error: "must not hold slashes, backslashes or NUL",
});

/** Checks the options of the `tensorboard` backend. */
export const tensorboardOptions: StandardSchema<TensorBoardOptions> = strictObject({
  logDir: optional(string()),
  comment: optional(string().check(isFileNamePart)),
  purgeStep: optional(number().check(int())),
  filenameSuffix: optional(string().check(isFileNamePart)),
});

/** For another writer of the run: it hides nothing of what others have logged, and its files end in its own label. */
export function joinTensorBoard({
  purgeStep: _,
  filenameSuffix: __,
  ...options
}: TensorBoardOptions): TensorBoardOptions {
  return options;
}
