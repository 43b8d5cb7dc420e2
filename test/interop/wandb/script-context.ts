/** What a TypeScript half of the differential suite is told besides the SDK. */
export interface ScriptContext {
  /** The workspace: a fresh git repository, also the working directory. */
  readonly folder: string;
  /** Folder of media files: picture.png, sound.wav, clip.mp4, clip.gif, page.html, model.obj, molecule.pdb. */
  readonly fixtures: string;
  readonly runId: string;
}
