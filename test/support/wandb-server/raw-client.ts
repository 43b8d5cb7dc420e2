import type { WandbServer } from "./server.js";

/** Requests to the server as any client would make them, for tests of the server itself. */
export interface RawClient {
  readonly authorization: string;
  graphql<Data = unknown>(
    query: string,
    variables?: object,
    headers?: object,
  ): Promise<{ status: number; data: Data; errors?: { message: string }[] }>;
  /** A file stream request of run `p/<run>`. */
  stream(body: object, run?: string, headers?: object): Promise<Response>;
  upsertRun(name: string): Promise<number>;
  /** Uploads one run file by a signed address. */
  upload(name: string, bytes: Buffer, run: string): Promise<Response>;
}

export function rawClient(server: WandbServer): RawClient {
  const authorization = `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`;
  const post = (path: string, body: object, headers: object) =>
    fetch(server.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: authorization, ...headers },
      body: JSON.stringify(body),
    });
  const client: RawClient = {
    authorization,
    async graphql<Data>(query: string, variables: object = {}, headers: object = {}) {
      const response = await post("/graphql", { query, variables }, headers);
      const answer = (await response.json()) as { data: Data; errors?: { message: string }[] };
      return { status: response.status, ...answer };
    },
    stream: (body, run = "r1", headers = {}) => post(`/files/tester/p/${run}/file_stream`, body, headers),
    async upsertRun(name) {
      const { status } = await client.graphql(
        `mutation UpsertBucket($name: String, $config: JSONString) {
          upsertBucket(input: {name: $name, modelName: "p", config: $config}) { inserted } }`,
        { name, config: '{"lr":{"value":NaN}}' },
      );
      return status;
    },
    async upload(name, bytes, run) {
      const { data } = await client.graphql<{ createRunFiles: { files: { uploadUrl: string }[] } }>(
        `mutation CreateRunFiles($files: [String!]!, $run: String!) {
          createRunFiles(input: {entityName: "tester", projectName: "p", runName: $run, files: $files}) {
            files { uploadUrl } } }`,
        { files: [name], run },
      );
      return fetch(data.createRunFiles.files[0]!.uploadUrl, { method: "PUT", body: new Uint8Array(bytes) });
    },
  };
  return client;
}

/** A file stream body with history lines from `offset` on. */
export function historyBody(offset: number, ...content: string[]) {
  return { files: { "wandb-history.jsonl": { offset, content } } };
}
