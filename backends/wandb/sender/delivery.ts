import { maskSecretValues } from "../../../src/collectors/secrets.js";
import { messageOf } from "../../../src/errors.js";
import type { SavedArtifact } from "../artifacts/upload/saver.js";
import type { ArtifactRecord, RecordContents, RunRecord, WandbRecord } from "../records/record.js";
import type { Graphql, QueryOptions } from "../server/graphql.js";
import { createAlerts } from "./alerts.js";
import type { ConsoleLines } from "./console-lines.js";
import type { FileStream } from "./file-stream.js";
import type { FinalFiles } from "./final-files.js";
import type { RunConfig } from "./run-config.js";
import type { RunFields } from "./run-fields.js";
import type { RunFiles } from "./run-files.js";
import type { SendProgress } from "./send-progress.js";
import type { SummaryState } from "./summary-state.js";
import { systemLine } from "./system-line.js";
import type { RunIdentity, Upserts } from "./upserts.js";

/** As much as the file stream keeps for its next request. */
const MOST_WAITING_BYTES = 10 << 20;

/** What the records of a run go to, once the server knows it. */
export interface DeliveryParts {
  readonly identity: RunIdentity;
  readonly graphql: Graphql;
  readonly query: QueryOptions;
  readonly stream: FileStream;
  readonly files: RunFiles;
  readonly finalFiles: FinalFiles;
  readonly fields: RunFields;
  readonly config: RunConfig;
  readonly summary: SummaryState;
  readonly console: ConsoleLines;
  readonly upserts: Upserts;
  readonly progress: SendProgress;
  readonly saveArtifact: (record: ArtifactRecord) => Promise<SavedArtifact>;
  readonly startTime: RunRecord["startTime"];
  /** Whether the files about the run as a whole are written. */
  readonly isPrimary: boolean;
  /** Told of what could not be delivered. */
  readonly problem: (message: string) => void;
  /** Told of what never can be. */
  readonly leaveOut: (message: string) => void;
}

/** Takes the records of a run to where they belong. */
export interface Delivery {
  /** A row; a promise holds what follows back, while as much waits as is kept in memory. */
  row(line: string): undefined | Promise<void>;
  /** Any other record. */
  record(record: WandbRecord): undefined | Promise<void>;
  /** Hands over what is collected; everything before `offset` has been taken. */
  pause(offset: number): void;
  /** Resolves when everything taken so far has arrived. */
  flush(): Promise<void>;
  /** The artifact with this client id; undefined when the log has none so far. */
  artifact(clientId: string): Promise<SavedArtifact> | undefined;
  /** Sends the rest in the order of the official client; `exit` is the end of the run, if this is the end. */
  finish(exit: RecordContents["exit"] | undefined): Promise<void>;
}

export function createDelivery(parts: DeliveryParts): Delivery {
  const { stream, files, finalFiles, fields, config, summary, console, upserts, progress, problem } = parts;
  const sent = progress.cursor.sent;
  const seen = { history: 0, events: 0, console: 0 };
  const artifacts = new Map<string, Promise<SavedArtifact>>();
  const alerts = createAlerts(parts);

  const handlers: { readonly [Type in keyof RecordContents]?: (content: RecordContents[Type]) => void } = {
    run(record) {
      // Which run of the server it is was settled by the first one.
      const { runId, entity, project } = parts.identity;
      if (fields.update({ ...record, runId, entity, project })) upserts.changed("fields");
    },
    summary(record) {
      summary.update(record);
      stream.summary(summary.json);
    },
    config(record) {
      config.update(record);
      upserts.changed("config");
    },
    metric(record) {
      config.metric(record);
      upserts.changed("config");
    },
    telemetry(record) {
      config.telemetry(record);
      upserts.changed("config");
    },
    environment(record) {
      config.environment(record);
      upserts.changed("config");
      if (record.program && fields.program(record.program)) upserts.changed("fields");
      const whole = config.environmentSoFar();
      if (parts.isPrimary && whole !== undefined) finalFiles.metadata(whole);
    },
    stats(record) {
      const line = systemLine(record, parts.startTime);
      if (!stream.fits(line) || seen.events++ >= sent.events) stream.event(line);
    },
    outputRaw: (record) => console.write(record),
    outputLogger: ({ line = "" }) => console.append(line),
    files(record) {
      for (const { path, policy = "NOW" } of record.files ?? []) files.publish(path, policy);
    },
    artifact(record) {
      const saved = parts.saveArtifact(record);
      artifacts.set(record.clientId ?? "", saved);
      saved.catch((error: unknown) => problem(`artifact ${record.name}: ${messageOf(error)}`));
    },
    alert: (record) => alerts.send(record),
    preempting: () => stream.preempting(),
  };

  const settled = () => Promise.allSettled([...artifacts.values(), alerts.settled()]);

  const handOver = (): void => {
    for (const { number, line } of console.takeChanges()) {
      seen.console = Math.max(seen.console, number + 1);
      // Here, too: what was printed in pieces, each in a record of its own, is whole only now.
      stream.consoleLine(number, maskSecretValues(line));
    }
    finalFiles.output(maskSecretValues(console.takeText()));
  };

  const room = (): undefined | Promise<void> =>
    stream.waitingBytes < MOST_WAITING_BYTES ? undefined : stream.hasRoom();

  return {
    row(line) {
      // A line that is dropped has no number at the server.
      if (!stream.fits(line) || seen.history++ >= sent.history) stream.history(line);
      return room();
    },
    record(record) {
      for (const [type, content] of Object.entries(record)) {
        const handler = handlers[type as keyof RecordContents] as ((given: unknown) => void) | undefined;
        try {
          handler?.(content);
        } catch (error) {
          problem(`a record of the log (${type}) cannot be sent: ${messageOf(error)}`);
        }
      }
      return room();
    },
    pause(offset) {
      handOver();
      progress.handedOver(offset, { ...seen });
    },
    async flush() {
      handOver();
      await Promise.all([stream.flush(), upserts.flush(), files.flush(), settled()]);
      // Names of files that have just arrived.
      await stream.flush();
    },
    artifact: (clientId) => artifacts.get(clientId),
    async finish(exit) {
      handOver();
      if (exit !== undefined) {
        finalFiles.output(maskSecretValues(console.takeText(true)));
        if (parts.isPrimary) finalFiles.summary(summary.json());
      }
      if (!(await upserts.flush())) problem("the last changes of the configuration did not arrive");
      if (exit !== undefined && parts.isPrimary) finalFiles.config(await config.yaml());
      await settled();
      await files.finish();
      const ends = exit !== undefined && !exit.notComplete;
      await stream.finish(ends ? { exitCode: exit.exitCode ?? 0 } : undefined);
    },
  };
}
