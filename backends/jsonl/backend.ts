import { defineBackend } from "../../src/backend/contract.js";
import { encodeNumber, encodeValue } from "./encode.js";
import { type LineFile, openRunFile } from "./file.js";
import type { JsonlOptions } from "./options.js";

/** Tags kept as JSON text; more than a run has as a rule. */
const CACHED_TAGS = 10_000;

/**
 * Writes one JSON object a line, each an event as it was logged, without loss: {@link readJsonl} gives the same events
 * back. The first line of a session describes the run: `{"format":"tracelet-jsonl","version":1,"run":{...}}`.
 *
 * @example
 * ```ts
 * tracelet.startLogging("jsonl", { config: { file: "metrics.jsonl" } });
 * ```
 */
export const backend = defineBackend<JsonlOptions>({
  name: "jsonl",
  create(options, context) {
    let file: LineFile | undefined;
    const tagTexts = new Map<string, string>();

    const tagText = (tag: string): string => {
      let text = tagTexts.get(tag);
      if (text === undefined) {
        if (tagTexts.size >= CACHED_TAGS) tagTexts.clear();
        text = `,"tag":${JSON.stringify(tag)},"value":`;
        tagTexts.set(tag, text);
      }
      return text;
    };

    return {
      open(run) {
        const { id, name, project, tags, params, startTime, rank } = run;
        const group = rank?.group;
        const header = {
          format: "tracelet-jsonl",
          version: 1,
          run: { id, name, project, tags, params, startTime, ...(group !== undefined && { group }) },
        };
        file = openRunFile(run, options.file, {
          header: `${encodeValue(header)}\n`,
          onRemoved: (path) =>
            context.warn(`${path} was removed while it was written; what it held is gone.`),
        });
        context.location(file.path);
      },
      write(events) {
        let lines = "";
        for (const event of events) lines += `${encodeValue(event)}\n`;
        file!.append(lines);
      },
      writeScalars({ length, tags, values, steps, wallTimes }) {
        let lines = "";
        for (let i = 0; i < length; i += 1) {
          const step = steps[i]!;
          lines +=
            '{"kind":"scalar","wallTime":' +
            encodeNumber(wallTimes[i]!) +
            // A missing step is NaN.
            (Number.isNaN(step) ? "" : ',"step":' + encodeNumber(step)) +
            tagText(tags[i]!) +
            encodeNumber(values[i]!) +
            "}\n";
        }
        file!.append(lines);
      },
      flush() {
        file!.sync();
      },
      close() {
        file!.close();
      },
    };
  },
});
