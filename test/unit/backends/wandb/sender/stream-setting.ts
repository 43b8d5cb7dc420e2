import {
  type Acknowledged,
  createFileStream,
  type FileStream,
  type FileStreamOptions,
} from "#backends/wandb/sender/file-stream.js";
import { createHttp, type Http } from "#backends/wandb/server/http.js";
import { FILE_STREAM_RETRY, type RequestError, type RetryPolicy } from "#backends/wandb/server/retry.js";
import { rawClient } from "../../../../support/wandb-server/raw-client.js";
import { startWandbServer, type WandbServer } from "../../../../support/wandb-server/server.js";
import type { Run } from "../../../../support/wandb-server/store.js";

/** The official retries, with waits that a test can sit out. */
export const QUICK_RETRY: RetryPolicy = { ...FILE_STREAM_RETRY, minWaitMs: 5, maxWaitMs: 20, timeoutMs: 300 };

/** A server with the run `tester/p/r1`, and a client of it. */
export interface Setting {
  readonly server: WandbServer;
  readonly http: Http;
  readonly run: Run;
  close(): Promise<void>;
}

export async function startSetting(): Promise<Setting> {
  const server = await startWandbServer();
  await rawClient(server).upsertRun("r1");
  const authorization = `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`;
  const http = createHttp({ baseUrl: server.url, authorization: async () => authorization });
  return {
    server,
    http,
    run: server.store.projects.get("tester/p")!.runs.get("r1")!,
    async close() {
      await http.close();
      await server.close();
    },
  };
}

/** What a stream has told. */
export interface Told {
  readonly acknowledged: Acknowledged[];
  readonly dropped: [kind: string, reason: string, line?: number | undefined][];
  readonly trouble: [problem: string, status: number][];
  readonly failures: RequestError[];
  stopped: number;
}

export function startStream(
  { http }: Pick<Setting, "http">,
  options: Partial<FileStreamOptions> = {},
): { readonly stream: FileStream; readonly told: Told } {
  const told: Told = { acknowledged: [], dropped: [], trouble: [], failures: [], stopped: 0 };
  const stream = createFileStream({
    http,
    path: "/files/tester/p/r1/file_stream",
    offsets: { history: 0, events: 0, console: 0 },
    policy: QUICK_RETRY,
    onAcknowledged: (sent) => told.acknowledged.push(sent),
    onDropped: (...drop) => told.dropped.push(drop),
    onTrouble: (...trouble) => told.trouble.push(trouble),
    onFailed: (error) => told.failures.push(error),
    onStopped: () => {
      told.stopped += 1;
    },
    ...options,
  });
  return { stream, told };
}

/** The file stream requests so far. */
export function streamRequests({ server }: Setting) {
  return server.requests.filter(({ path }) => path.endsWith("/file_stream"));
}

/** Their bodies. */
export const bodies = (setting: Setting): unknown[] => streamRequests(setting).map(({ body }) => body);

/** Rows `{"_step":0}`, `{"_step":1}` ... */
export const rows = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `{"_step":${from + index}}`);
