import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { messageOf } from "../../../src/errors.js";
import type { EnvironmentRecord } from "../records/record.js";
import { metadataJson } from "./metadata-json.js";

/** The files about a run that the sending side writes into the run's `files`, as the official client does. */
export interface FinalFiles {
  metadata(environment: EnvironmentRecord): void;
  /** Adds to what the script printed. */
  output(text: string): void;
  summary(json: string): void;
  config(yaml: string): void;
}

export interface FinalFilesOptions {
  readonly filesDir: string;
  /** Which of several writers of a run this is; its name is in that of the output. */
  readonly label: string | undefined;
  readonly publish: (path: string, policy: "NOW" | "END") => void;
  readonly warn: (message: string) => void;
}

export function createFinalFiles({ filesDir, label, publish, warn }: FinalFilesOptions): FinalFiles {
  const outputFile = label === undefined ? "output.log" : `output_${fileNameOf(label)}.log`;
  let hasOutput = false;

  const write = (name: string, text: string, policy: "NOW" | "END"): void => {
    try {
      makeFolder(filesDir);
      writeFileSync(join(filesDir, name), text);
      publish(name, policy);
    } catch (error) {
      warn(`${name} could not be written and is not sent: ${messageOf(error)}`);
    }
  };

  return {
    metadata: (environment) => write("wandb-metadata.json", metadataJson(environment), "NOW"),
    output(text) {
      if (text === "") return;
      if (hasOutput) {
        try {
          appendFileSync(join(filesDir, outputFile), text);
        } catch (error) {
          warn(`${outputFile} is not whole: ${messageOf(error)}`);
        }
        return;
      }
      // Read from its beginning, the log gives all of it again.
      rmSync(join(filesDir, outputFile), { force: true });
      write(outputFile, text, "END");
      hasOutput = true;
    },
    summary: (json) => write("wandb-summary.json", json, "NOW"),
    config: (yaml) => write("config.yaml", yaml, "NOW"),
  };
}

/** A label as part of a file name, as the official client writes it. */
function fileNameOf(label: string): string {
  return label
    .replace(/[/\0]/g, "_")
    .replace(/\p{Cc}/gu, "")
    .replace(/[\s.]+$|^\s+/g, "");
}
