import { checkFile } from "./audio.js";
import type { ColumnType } from "./column-type.js";
import { Media } from "./media.js";
import { extensionOf, MEDIA, type MediaSpec, mediaError, nextMediaId } from "./media-spec.js";

const FORMATS = ["pdb", "pqr", "mmcif", "mcif", "cif", "sdf", "sd", "gro", "mol2", "mmtf"] as const;
/** File formats of molecules. */
export type MoleculeFormat = (typeof FORMATS)[number];

/** What `Molecule` has to know of its content. */
export interface MoleculeOptions {
  caption?: string;
  /** Kind of file, when `data` is the text of one instead of its path. */
  fileType?: MoleculeFormat;
}

/**
 * A molecule: the path of a structure file, or its text with `fileType`.
 *
 * @example
 * ```ts
 * run.log({ ligand: new wandb.Molecule("ligand.pdb") });
 * ```
 */
export class Molecule extends Media {
  readonly spec: MediaSpec;
  readonly columnType: ColumnType = { name: "pythonObject", className: "Molecule" };

  constructor(data: string, options: MoleculeOptions = {}) {
    super();
    const { caption, fileType } = options;
    const format = fileType ?? extensionOf(data);
    if (!(FORMATS as readonly string[]).includes(format)) {
      throw mediaError(`Molecule: the file's kind is one of ${FORMATS.join(", ")}, got "${format}".`);
    }
    if (fileType === undefined) checkFile(data, "Molecule");
    this.spec = {
      [MEDIA]: "molecule",
      id: nextMediaId(),
      source: fileType === undefined ? { file: data } : { text: data },
      extension: `.${format}`,
      members: {},
      ...(caption === undefined ? {} : { caption }),
    };
  }
}
