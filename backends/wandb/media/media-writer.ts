import type { ArtifactPlan } from "../artifacts/manifest.js";
import { compactJson, type FileValue } from "../values/file-json.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { isoDate } from "../values/normalize.js";
import type { CapturedValue } from "./capture.js";
import { type WrittenFile, writeMediaFile } from "./media-file.js";
import { listJson } from "./media-list.js";
import {
  type BoxesSpec,
  isMediaSpec,
  type MaskSpec,
  MEDIA,
  MEDIA_KINDS,
  type MediaSpec,
} from "./media-spec.js";
import { tableArtifact } from "./table-artifact.js";
import { type CellSpec, isDateCell, type TableSpec, tableEntry } from "./table-spec.js";

/** The run that media are logged to. */
export interface MediaTarget {
  readonly runId: string;
  /** The run's `files` folder. */
  readonly filesDir: string;
  /** Where files of artifacts wait for their upload. */
  readonly staging: string;
  /** Uploads a file of the run, by its path below `filesDir`. */
  publishFile(path: string): void;
  /** Sets a value below `_wandb` in the configuration. */
  setInternalConfig(path: readonly string[], value: LoggedValue): void;
  /** Logs an artifact that belongs to a table. */
  logArtifact(plan: ArtifactPlan): void;
  warn(message: string): void;
}

/** Rows of a table in its run file; the artifact holds more. */
const MAX_TABLE_ROWS = 10_000;
/** Objects whose files are remembered, for those that are logged again. */
const REMEMBERED = 10_000;

/** Turns the media of a run's rows into files and into what rows hold of them. */
export class MediaWriter {
  readonly #target: MediaTarget;
  /** What a row holds of an object logged before, by its id. */
  readonly #known = new Map<number, LoggedValue>();
  /** Class labels as they were set last. */
  readonly #labels = new Map<string, string>();

  constructor(target: MediaTarget) {
    this.#target = target;
  }

  /**
   * A row with its media written. `step` is the history's media step, or `summary` for values of the summary, whose
   * files are named by the whole path of their key.
   */
  toRow(
    data: { readonly [key: string]: CapturedValue },
    step: number | "summary",
    prefix = "",
  ): { [key: string]: LoggedValue } {
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, this.#value(prefix + key, value, step)]),
    );
  }

  #value(key: string, value: CapturedValue, step: number | "summary"): LoggedValue {
    if (typeof value !== "object" || value === null) return value as LoggedValue;
    if (Array.isArray(value)) {
      return value.length > 0 && value.every((item) => isTagged(item))
        ? this.#list(key, value, step)
        : (value as LoggedValue);
    }
    if (isTagged(value)) return this.#single(key, value, step);
    return this.toRow(
      value as { readonly [key: string]: CapturedValue },
      step,
      step === "summary" ? `${key}.` : "",
    );
  }

  /** An object logged before keeps the file it has. */
  #single(key: string, spec: MediaSpec | TableSpec, step: number | "summary"): LoggedValue {
    const known = this.#known.get(spec.id);
    if (known !== undefined) return known;
    const value = isTable(spec) ? this.#table(key, spec, step) : this.#media(key, spec, step);
    this.#remember(spec, value);
    return value;
  }

  #remember(spec: MediaSpec | TableSpec, value: LoggedValue): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(spec.id, value);
  }

  /** Several objects of one kind are one value; objects of several kinds are an array of values. */
  #list(key: string, specs: readonly (MediaSpec | TableSpec)[], step: number | "summary"): LoggedValue {
    const first = specs[0]!;
    if (isTable(first) || specs.some((spec) => spec[MEDIA] !== first[MEDIA]) || first[MEDIA] === "plotly") {
      return specs.map((spec) => this.#single(key, spec, step));
    }
    const media = specs as readonly MediaSpec[];
    return listJson(
      media,
      (spec) => {
        const value = this.#media(key, spec, step);
        this.#remember(spec, value);
        return value as { [member: string]: LoggedValue };
      },
      this.#target.warn,
    );
  }

  #media(key: string, spec: MediaSpec, step: number | "summary"): LoggedValue {
    const { folder, type } = MEDIA_KINDS[spec[MEDIA]];
    const file = this.#write(folder, key, step, spec.source, spec.extension);
    const boxes = mapMembers(spec.boxes, (set, name) => this.#boxes(key, name, set, step));
    const masks = mapMembers(spec.masks, (mask, name) => this.#mask(key, name, mask, step));
    return {
      ...(spec.caption === undefined ? {} : { caption: spec.caption }),
      _type: type,
      ...file,
      ...(spec.members as { readonly [member: string]: LoggedValue }),
      ...(boxes === undefined ? {} : { boxes }),
      ...(masks === undefined ? {} : { masks }),
    };
  }

  #boxes(
    key: string,
    name: string,
    { content, classLabels }: BoxesSpec,
    step: number | "summary",
  ): LoggedValue {
    const source = { text: compactJson(content) };
    const file = this.#write("media/metadata/boxes2D", key, step, source, ".boxes2D.json");
    this.#setLabels("bounding_box/class_labels", key, name, classLabels);
    return { _type: "boxes2D", ...file };
  }

  #mask(key: string, name: string, mask: MaskSpec, step: number | "summary"): LoggedValue {
    const file = this.#write("media/images/mask", key, step, mask.source, mask.extension);
    if (mask.classLabels !== undefined) this.#setLabels("mask/class_labels", key, name, mask.classLabels);
    return { _type: "mask", ...file };
  }

  /** Names of classes are kept once in the configuration, not in each row. */
  #setLabels(type: string, key: string, name: string, value: { readonly [id: string]: string }): void {
    const entry = `${key}_wandb_delimeter_${name}`;
    const item = { type, key: entry, value };
    const text = encodeJson(item);
    if (this.#labels.get(`${type} ${entry}`) === text) return;
    this.#labels.set(`${type} ${entry}`, text);
    this.#target.setInternalConfig([type, entry], item);
  }

  /** A table is an artifact with everything, and a file of the run that its pages show. */
  #table(key: string, spec: TableSpec, step: number | "summary"): LoggedValue {
    const artifact = tableArtifact(spec, this.#target.runId, key, this.#target.staging);
    this.#target.logArtifact(artifact.toPlan());
    if (spec.rows.length > MAX_TABLE_ROWS) {
      this.#target.warn(
        `The table "${key}" has ${spec.rows.length} rows; the run's page shows the first ${MAX_TABLE_ROWS}, the rest is in the artifact ${artifact.name}.`,
      );
    }
    const data = spec.rows.slice(0, MAX_TABLE_ROWS).map((row) => row.map(pageCell));
    const text = compactJson({ columns: spec.columns, data });
    const file = this.#write("media/table", key, step, { text }, ".table.json");
    const entry = tableEntry(spec, key);
    return {
      _type: spec.increment === undefined ? "table-file" : "incremental-table-file",
      ...file,
      ncols: spec.columns.length,
      nrows: spec.count,
      log_mode: spec.logMode,
      artifact_path: `wandb-client-artifact://${spec.clientId}/${entry}`,
      _latest_artifact_path: `wandb-client-artifact://${spec.sequenceClientId}:latest/${entry}`,
      ...(spec.increment === undefined
        ? {}
        : { increment_num: spec.increment.num, previous_increments_paths: spec.increment.previousPaths }),
    };
  }

  #write(
    folder: string,
    key: string,
    step: number | "summary",
    source: MediaSpec["source"],
    extension: string,
  ): { path: string; sha256: string; size: number } {
    const file: WrittenFile = writeMediaFile(this.#target.filesDir, folder, key, step, source, extension);
    this.#target.publishFile(file.path);
    return { ...file };
  }
}

/** Cells of the run's file: media by the name of their class, dates as ISO 8601. */
function pageCell(cell: CellSpec): FileValue {
  if (isDateCell(cell)) return isoDate(new Date(cell.time));
  if (!isMediaSpec(cell)) return cell;
  const kind = cell[MEDIA];
  return kind[0]!.toUpperCase() + kind.slice(1);
}

function mapMembers<In>(
  values: { readonly [name: string]: In } | undefined,
  map: (value: In, name: string) => LoggedValue,
): { [name: string]: LoggedValue } | undefined {
  if (values === undefined) return undefined;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}

function isTagged(value: unknown): value is MediaSpec | TableSpec {
  return isMediaSpec(value);
}

function isTable(spec: MediaSpec | TableSpec): spec is TableSpec {
  return spec[MEDIA] === "table";
}
