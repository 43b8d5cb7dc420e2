import type { IncomingMessage } from "node:http";
import { posix } from "node:path";
import type { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { contentOf } from "./artifacts.js";
import { applyFileStream, type FileStreamBody } from "./file-stream.js";
import { type Document, parseDocument } from "./graphql/document.js";
import { chooseOperation, execute, GraphqlError, type JsonMap } from "./graphql/execute.js";
import type { RecordedRequest } from "./record.js";
import type { SchemaContext } from "./schema/context.js";
import { mutationNode } from "./schema/mutation.js";
import { queryNode } from "./schema/query.js";
import type { Storage } from "./storage.js";
import { findProject, type Store } from "./store.js";

/** What all requests share. */
export interface Services {
  readonly store: Store;
  readonly storage: Storage;
  readonly apiKey: string;
  readonly apiUrl: () => string;
}

export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly headers?: { readonly [name: string]: string };
  readonly stream?: Readable;
}

/** Asks whether the request may take effect; the record must be complete before. */
export type Gate = () => Promise<boolean>;

const POSSIBLE_TYPES = { ArtifactCollection: ["ArtifactSequence", "ArtifactPortfolio"] };

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

/** Requests to the base URL: all need the key. */
export async function answerApi(
  services: Services,
  request: IncomingMessage,
  record: RecordedRequest,
  gate: Gate,
): Promise<Answer | undefined> {
  const body = request.method === "POST" ? await readBody(request) : undefined;
  const basic = `Basic ${Buffer.from(`api:${services.apiKey}`).toString("base64")}`;
  const allowed = request.headers.authorization === basic;

  if (record.path === "/graphql" && body !== undefined) {
    const { query, variables, operationName } = JSON.parse(body.toString()) as {
      readonly query: string;
      readonly variables?: JsonMap | null;
      readonly operationName?: string | null;
    };
    record.query = query;
    record.variables = variables ?? {};
    let document: Document;
    try {
      document = parseDocument(query);
    } catch (error) {
      return refuse(record, new GraphqlError((error as Error).message, 400));
    }
    record.operation = operationName || document.operations[0]?.name;
    if (!(await gate())) return undefined;
    if (!allowed) return { status: 401, json: { errors: [{ message: "invalid API key" }] } };
    return answerGraphql(services, record, document);
  }

  const path = record.path.split("/").slice(1).map(decodeURIComponent);
  const [first, entity, projectName, runName, ...rest] = path;
  if (first === "files" && runName !== undefined) {
    if (body !== undefined) record.body = JSON.parse(body.toString());
    if (!(await gate())) return undefined;
    if (!allowed) return { status: 401, json: { error: "invalid API key" } };
    const run = findProject(services.store, entity, projectName)?.runs.get(runName);
    if (run === undefined) return { status: 404, json: { error: `run ${runName} not found` } };
    if (body !== undefined && rest.join("/") === "file_stream") {
      const writer = request.headers["x-wandb-async-client-id"];
      const shared = request.headers["x-wandb-use-async-filestream"] === "true";
      return {
        status: 200,
        json: applyFileStream(run, record.body as FileStreamBody, shared ? String(writer) : ""),
      };
    }
    const file = run.files.get(rest.join("/"));
    if (file !== undefined) return { status: 200, stream: file.blob.stream() };
  }
  if (!(await gate())) return undefined;
  if (first === "artifactsV2") {
    if (!allowed) return { status: 401, json: { error: "invalid API key" } };
    const location = artifactFileUrl(services, path);
    if (location !== undefined) return { status: 302, headers: { Location: location } };
  }
  record.error = "no such route";
  return { status: 404, json: { error: "not found" } };
}

/** Where the file of `/artifactsV2/<region>/<entity>/<project>/<collection>/<id>/<birth id>/<hex md5>/<name>` is. */
function artifactFileUrl({ store, storage }: Services, path: readonly string[]): string | undefined {
  const [id = "", , digest = "", name = ""] = path.slice(5);
  const artifact = store.artifacts.get(id);
  const md5 = Buffer.from(digest, "hex").toString("base64");
  for (const [file, entry] of Object.entries(artifact?.manifest?.contents ?? {}))
    if (entry.digest === md5 && posix.basename(file) === name) {
      const blob = contentOf(store, artifact!, file, entry);
      return blob === undefined ? undefined : storage.downloadUrl(file, blob);
    }
  return undefined;
}

async function answerGraphql(
  services: Services,
  record: RecordedRequest,
  document: Document,
): Promise<Answer> {
  const context: SchemaContext = {
    store: services.store,
    storage: services.storage,
    apiUrl: services.apiUrl(),
    shared: record.headers["x-wandb-use-async-filestream"] === "true",
  };
  const schema = {
    query: queryNode(context),
    mutation: mutationNode(context),
    possibleTypes: POSSIBLE_TYPES,
  };
  try {
    const operation = chooseOperation(document, record.operation);
    return { status: 200, json: { data: await execute(schema, document, operation, record.variables!) } };
  } catch (error) {
    if (!(error instanceof GraphqlError)) throw error;
    return refuse(record, error);
  }
}

function refuse(record: RecordedRequest, error: GraphqlError): Answer {
  record.error = error.message;
  return { status: error.status, json: { errors: [{ message: error.message }], data: null } };
}

const RANGE = /^bytes=(\d+)-(\d*)$/;

/** Requests to signed addresses: the address is the permission, and a key sent here is a leak. */
export async function answerStorage(
  services: Services,
  request: IncomingMessage,
  record: RecordedRequest,
  gate: Gate,
): Promise<Answer | undefined> {
  if (request.headers.authorization !== undefined) record.error = "credentials sent to the object store";
  record.size = Number(request.headers["content-length"] ?? 0);
  if (!(await gate())) return undefined;
  const token = record.path.split("/")[2] ?? "";
  if (request.method === "PUT") {
    const blob = await services.storage.put(token, request);
    return blob === undefined ? { status: 403 } : { status: 200, headers: { ETag: `"${blob.md5}"` } };
  }
  const blob = services.storage.get(token);
  if (blob === undefined) return { status: 404 };
  const range = RANGE.exec(request.headers.range ?? "");
  const headers = { ETag: `"${blob.md5}"`, "Accept-Ranges": "bytes" };
  if (range === null)
    return {
      status: 200,
      stream: blob.stream(),
      headers: { ...headers, "Content-Length": String(blob.size) },
    };
  const start = Number(range[1]);
  const end = Math.min(range[2] ? Number(range[2]) : blob.size - 1, blob.size - 1);
  if (start > end) return { status: 416, headers: { "Content-Range": `bytes */${blob.size}` } };
  return {
    status: 206,
    stream: blob.stream(start, end),
    headers: {
      ...headers,
      "Content-Range": `bytes ${start}-${end}/${blob.size}`,
      "Content-Length": String(end - start + 1),
    },
  };
}
