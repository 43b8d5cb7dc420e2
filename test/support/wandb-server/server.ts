import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createBlobStore } from "./blobs.js";
import { type Fault, type FaultAction, takeFault } from "./faults.js";
import type { RecordedRequest } from "./record.js";
import { type Answer, answerApi, answerStorage, type Services } from "./routes.js";
import { type RunSnapshot, snapshotRun } from "./snapshot.js";
import { createStorage } from "./storage.js";
import { createStore, type Store } from "./store.js";

/** The key every client of this server uses; the part after the dash has the 40 characters clients insist on. */
export const API_KEY = `local-${"0123456789abcdef".repeat(3).slice(0, 40)}`;

export interface WandbServer {
  /** Base URL of the API, on the loopback interface. */
  readonly url: string;
  /** Origin of the object store, another port and so another host to clients. */
  readonly storageUrl: string;
  readonly apiKey: string;
  readonly store: Store;
  /** Every request so far, oldest first. */
  readonly requests: RecordedRequest[];
  /** Rules of what shall go wrong; push to it. */
  readonly faults: Fault[];
  /** What the server holds of one run. */
  snapshot(entity: string, project: string, runId: string): Promise<RunSnapshot>;
  close(): Promise<void>;
}

/**
 * A W&B server for tests: GraphQL, file stream, signed uploads and downloads, artifacts and the reads of the public
 * API, all in memory. It records what it is asked and breaks what it is told to break.
 *
 * @param options.port the API's port; 0, the default, takes a free one.
 *
 * @example
 * ```ts
 * const server = await startWandbServer();
 * server.faults.push({ match: { path: /file_stream$/ }, times: 2, action: { kind: "status", status: 503 } });
 * // ... run a client with WANDB_BASE_URL=server.url and WANDB_API_KEY=server.apiKey ...
 * await server.close();
 * ```
 */
export async function startWandbServer(options: { readonly port?: number } = {}): Promise<WandbServer> {
  const started = performance.now();
  const store = createStore();
  const blobs = createBlobStore();
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];
  const origins = { api: "", storage: "" };
  const services: Services = {
    store,
    storage: createStorage(blobs, () => origins.storage),
    apiKey: API_KEY,
    apiUrl: () => origins.api,
  };

  async function handle(host: "api" | "storage", request: IncomingMessage, response: ServerResponse) {
    const record: RecordedRequest = {
      at: performance.now() - started,
      host,
      method: request.method ?? "GET",
      path: (request.url ?? "/").split("?")[0]!,
      headers: request.headers,
    };
    requests.push(record);
    const fault = { action: undefined as FaultAction | undefined };
    // Called once the request is known (its operation, its body) and before it takes effect.
    const gate = async (): Promise<boolean> => {
      const action = takeFault(faults, record);
      fault.action = action;
      if (action?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, action.ms));
      if (action?.kind === "wait") await action.until;
      return !(
        action?.kind === "hang" ||
        action?.kind === "reply" ||
        action?.kind === "html" ||
        (action?.kind === "drop" && action.when === "before") ||
        (action?.kind === "status" && !action.applied)
      );
    };
    let answer: Answer | undefined;
    try {
      answer = await (host === "api" ? answerApi : answerStorage)(services, request, record, gate);
    } catch (error) {
      record.error = String(error);
      answer = { status: 500, json: { error: String(error) } };
    }
    respond(request, response, record, answer, fault.action);
  }

  const listeners = {
    api: createServer((request, response) => void handle("api", request, response)),
    storage: createServer((request, response) => void handle("storage", request, response)),
  };
  origins.api = await listen(listeners.api, options.port ?? 0);
  origins.storage = await listen(listeners.storage, 0);

  return {
    url: origins.api,
    storageUrl: origins.storage,
    apiKey: API_KEY,
    store,
    requests,
    faults,
    snapshot: (entity, project, runId) => snapshotRun(store, entity, project, runId),
    async close() {
      for (const listener of Object.values(listeners)) {
        listener.closeAllConnections();
        await new Promise((resolve) => listener.close(resolve));
      }
      await blobs.close();
    },
  };
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  record: RecordedRequest,
  answer: Answer | undefined,
  action: FaultAction | undefined,
): void {
  if (action?.kind === "hang") return;
  if (action?.kind === "drop") {
    record.status = 0;
    request.socket.resetAndDestroy();
    return;
  }
  // An answer may come before the whole body was read; the rest is taken off the connection.
  request.resume();
  if (action?.kind === "reply") {
    action.reply(response);
    record.status = response.statusCode;
    return;
  }
  if (action?.kind === "html") {
    record.status = action.status ?? 200;
    response.writeHead(record.status, { "Content-Type": "text/html" });
    response.end("<html><body><h1>Sign in to the network</h1></body></html>");
    return;
  }
  if (action?.kind === "status") {
    record.status = action.status;
    response.writeHead(action.status, { "Content-Type": "application/json", ...action.headers });
    response.end(action.body ?? JSON.stringify({ error: `injected ${action.status}` }));
    return;
  }
  const { status, json, headers, stream } = answer ?? { status: 500 };
  record.status = status;
  if (stream !== undefined) {
    response.writeHead(status, headers);
    stream.pipe(response);
    return;
  }
  const said = action?.kind === "change" ? action.change(json) : json;
  const body = said === undefined ? "" : JSON.stringify(said);
  response.writeHead(status, {
    ...(json !== undefined && { "Content-Type": "application/json" }),
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  if (action?.kind === "half") {
    record.status = 0;
    response.write(body.slice(0, body.length / 2), () => request.socket.resetAndDestroy());
    return;
  }
  if (action?.kind === "drip") {
    void drip(response, body, action.ms);
    return;
  }
  response.end(body);
}

async function drip(response: ServerResponse, body: string, ms: number): Promise<void> {
  for (const byte of Buffer.from(body)) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
  response.end();
}
