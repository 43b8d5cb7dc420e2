import type { BackendCommandLine } from "../backend/command-line.js";

// Which backends bring something to the command line. Apart from the registry, which loads the options of all backends:
// `tracelet --version` would take half as long again.

/** Part of the command line that is a backend's, not loaded yet. */
export interface BackendEntry {
  readonly name: string;
  /** What `tracelet --help` says of its commands. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly commandLine: BackendCommandLine }>;
}

export const BACKENDS: readonly BackendEntry[] = [
  {
    name: "wandb",
    summary: "log in to Weights & Biases, and see whether its server can be used",
    load: () => import("../../backends/wandb/cli.js"),
  },
];
