import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { PNG } from "pngjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseLooseJson } from "../support/wandb-server/loose-json.js";
import { normalise } from "../support/wandb-server/normalise.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

let server: WandbServer;
beforeEach(async () => {
  server = await startWandbServer();
});
afterEach(() => server.close());

const authorization = () => `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`;

async function graphql<Data = unknown>(query: string, variables: object = {}, headers: object = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: authorization(), ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  return { status: response.status, data, errors };
}

function stream(body: object, run = "r1", headers: object = {}) {
  return fetch(`${server.url}/files/tester/p/${run}/file_stream`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: authorization(), ...headers },
    body: JSON.stringify(body),
  });
}

const UPSERT = `mutation UpsertBucket($name: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: "p", config: $config}) { inserted bucket { id historyLineCount } } }`;
const createRun = (name = "r1") => graphql(UPSERT, { name, config: '{"lr":{"value":NaN}}' });

const history = (offset: number, ...content: string[]) => ({
  files: { "wandb-history.jsonl": { offset, content } },
});

/** Uploads one run file by a signed address. */
async function upload(name: string, bytes: Buffer, run = "r1") {
  const { data } = await graphql<{ createRunFiles: { files: { uploadUrl: string }[] } }>(
    `mutation CreateRunFiles($files: [String!]!, $run: String!) {
      createRunFiles(input: {entityName: "tester", projectName: "p", runName: $run, files: $files}) {
        files { uploadUrl } } }`,
    { files: [name], run },
  );
  return fetch(data.createRunFiles.files[0]!.uploadUrl, { method: "PUT", body: new Uint8Array(bytes) });
}

describe("GraphQL", () => {
  test("aliases, fragments, directives and defaults select what is asked for", async () => {
    await createRun();
    const { data } = await graphql(
      `query Q($name: String!, $with: Boolean = false) { project(name: "p", entityName: "tester") {
         found: run(name: $name) { ...Fields state @include(if: $with) ... on Run { tags } missing: jobType } } }
       fragment Fields on Run { name }`,
      { name: "r1" },
    );
    expect(data).toEqual({ project: { found: { name: "r1", tags: [], missing: null } } });
  });

  test("the operation's name is read from the text when it is not given", async () => {
    await createRun();
    expect(server.requests.map(({ operation }) => operation)).toEqual(["UpsertBucket"]);
    expect(server.requests[0]!.variables).toEqual({ name: "r1", config: '{"lr":{"value":NaN}}' });
  });

  test.each([
    ["query Q { viewer { nothingLikeIt } }", 'Cannot query field "nothingLikeIt" on type "User".'],
    ["query Q($a: String!) { viewer { id } }", '"$a" of required type "String!" was not provided.'],
    ["query Q { project(name: $b) { id } }", '"$b" is not defined.'],
    ["query Q { viewer { id ", "unexpected end of the document"],
  ])("%s is refused", async (query, message) => {
    const { status, errors } = await graphql(query);
    expect(status).toBe(400);
    expect(errors![0]!.message).toContain(message);
  });

  test("without the key nothing is answered", async () => {
    const wrong = { Authorization: `Basic ${Buffer.from("api:wrong").toString("base64")}` };
    expect((await graphql("query Viewer { viewer { id } }", {}, wrong)).status).toBe(401);
    await createRun();
    expect((await stream({}, "r1", wrong)).status).toBe(401);
  });
});

describe("file stream", () => {
  test("a repeated request changes nothing, a gap is counted", async () => {
    await createRun();
    await stream(history(0, '{"_step":0}', '{"_step":1}'));
    await stream(history(0, '{"_step":0}', '{"_step":1}'));
    await stream(history(3, '{"_step":3,"x":NaN}'));
    const { history: rows, holes } = await server.snapshot("tester", "p", "r1");
    expect(rows).toEqual([{ _step: 0 }, { _step: 1 }, { _step: 3, x: NaN }]);
    expect(holes).toBe(1);
  });

  test("console lines may be rewritten, the summary is its last line, the end sets state and exit code", async () => {
    await createRun();
    await stream({ files: { "output.log": { offset: 0, content: ["one", "50%"] } } });
    await stream({
      files: {
        "output.log": { offset: 1, content: ["100%"] },
        "wandb-summary.json": { offset: 0, content: ['{"a":-Infinity}'] },
      },
      uploaded: ["a.txt"],
      complete: true,
      exitcode: 3,
    });
    expect(await server.snapshot("tester", "p", "r1")).toMatchObject({
      console: ["one", "100%"],
      summary: { a: -Infinity },
      config: { lr: { value: NaN } },
      state: "failed",
      exitCode: 3,
      uploaded: ["a.txt"],
    });
  });

  test("writers of a shared run have their own places", async () => {
    await createRun();
    const writer = (id: string) => ({
      "X-WANDB-USE-ASYNC-FILESTREAM": "true",
      "X-WANDB-ASYNC-CLIENT-ID": id,
    });
    await stream(history(0, '{"a":1}'), "r1", writer("w1"));
    await stream(history(1, '{"b":1}'), "r1", writer("w2"));
    await stream(history(1, '{"b":1}'), "r1", writer("w2"));
    const run = await server.snapshot("tester", "p", "r1");
    expect(run.history).toEqual([{ a: 1 }, { b: 1 }]);
    expect(run.holes).toBe(0);
  });

  test("compressed bodies are read, and a stop request is answered", async () => {
    await createRun();
    server.store.projects.get("tester/p")!.runs.get("r1")!.stopped = true;
    const response = await fetch(`${server.url}/files/tester/p/r1/file_stream`, {
      method: "POST",
      headers: { Authorization: authorization(), "Content-Encoding": "gzip" },
      body: new Uint8Array(gzipSync(JSON.stringify(history(0, '{"z":1}')))),
    });
    expect(await response.json()).toEqual({ stopped: true });
    expect((await server.snapshot("tester", "p", "r1")).history).toEqual([{ z: 1 }]);
  });
});

describe("storage", () => {
  test("a file goes up by a signed address and comes down whole and by range", async () => {
    await createRun();
    const bytes = Buffer.alloc(3 << 20, "0123456789");
    const put = await upload("deep/big file.bin", bytes);
    expect(put.headers.get("etag")).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
    interface Files {
      project: { run: { files: { edges: { node: { url: string; directUrl: string } }[] } } };
    }
    const { data } = await graphql<Files>(
      `query F { project(name: "p", entityName: "tester") { run(name: "r1") {
        files(pattern: "deep/%") { edges { node { name url directUrl sizeBytes } } } } } }`,
    );
    const { node } = data.project.run.files.edges[0]!;
    expect(node).toMatchObject({ name: "deep/big file.bin", sizeBytes: String(bytes.length) });
    const whole = await fetch(node.url, { headers: { Authorization: authorization() } });
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await fetch(node.directUrl, { headers: { Range: "bytes=11-14" } });
    expect([part.status, await part.text()]).toEqual([206, "1234"]);
    expect(part.headers.get("content-range")).toBe(`bytes 11-14/${bytes.length}`);
  });

  test("an artifact file in parts is complete only with the parts' ETags", async () => {
    await createRun();
    const create = await graphql<{ createArtifact: { artifact: { id: string; state: string } } }>(
      "mutation C($input: CreateArtifactInput!) { createArtifact(input: $input) { artifact { id state } } }",
      {
        input: {
          entityName: "tester",
          projectName: "p",
          runName: "r1",
          artifactTypeName: "t",
          artifactCollectionName: "a",
          digest: "d",
          clientID: "c",
          enableDigestDeduplication: true,
        },
      },
    );
    const { artifact } = create.data.createArtifact;
    expect(artifact.state).toBe("PENDING");
    const texts = ["first ", "second"];
    const md5 = (text: string) => createHash("md5").update(text).digest();
    const uploadPartsInput = texts.map((text, index) => ({
      partNumber: index + 1,
      hexMD5: md5(text).toString("hex"),
    }));
    interface Target {
      storagePath: string;
      uploadMultipartUrls: {
        uploadID: string;
        uploadUrlParts: { partNumber: number; uploadUrl: string }[];
      };
    }
    const created = await graphql<{ createArtifactFiles: { files: { edges: { node: Target }[] } } }>(
      `mutation F($input: CreateArtifactFilesInput!) { createArtifactFiles(input: $input) { files { edges { node {
         storagePath uploadMultipartUrls { uploadID uploadUrlParts { partNumber uploadUrl } } } } } } }`,
      {
        input: {
          storageLayout: "V2",
          artifactFiles: [
            {
              artifactID: artifact.id,
              name: "f",
              md5: md5(texts.join("")).toString("base64"),
              uploadPartsInput,
            },
          ],
        },
      },
    );
    const { storagePath, uploadMultipartUrls } = created.data.createArtifactFiles.files.edges[0]!.node;
    const { uploadID, uploadUrlParts } = uploadMultipartUrls;
    const completedParts: { partNumber: number; hexMD5: string }[] = [];
    for (const { partNumber, uploadUrl } of uploadUrlParts) {
      const put = await fetch(uploadUrl, { method: "PUT", body: texts[partNumber - 1]! });
      completedParts.push({ partNumber, hexMD5: put.headers.get("etag")! });
    }
    const complete = (parts: typeof completedParts) =>
      graphql(
        `mutation M($input: CompleteMultipartUploadArtifactInput!) {
          completeMultipartUploadArtifact(input: $input) { digest } }`,
        {
          input: {
            completeMultipartAction: "Complete",
            completedParts: parts,
            artifactID: artifact.id,
            storagePath,
            uploadID,
          },
        },
      );
    const unquoted = completedParts.map((part) => ({ ...part, hexMD5: part.hexMD5.replaceAll('"', "") }));
    expect((await complete(unquoted)).errors![0]!.message).toContain("another ETag");
    expect((await complete(completedParts)).data).toEqual({
      completeMultipartUploadArtifact: { digest: md5("first second").toString("base64") },
    });
  });
});

describe("faults", () => {
  const row = () => stream(history(0, '{"a":1}'));
  const stored = async () => (await server.snapshot("tester", "p", "r1")).history.length;

  test("status with headers, not applied unless said", async () => {
    await createRun();
    const status = { kind: "status", status: 429, headers: { "Retry-After": "7" } } as const;
    server.faults.push({ match: { path: /file_stream$/ }, action: status });
    const refused = await row();
    expect([refused.status, refused.headers.get("retry-after"), await stored()]).toEqual([429, "7", 0]);
    server.faults.push({ match: { path: /file_stream$/ }, action: { ...status, applied: true } });
    expect([(await row()).status, await stored()]).toEqual([429, 1]);
    expect((await row()).status).toBe(200);
    expect(server.requests.map((request) => request.status)).toEqual([200, 429, 429, 200]);
  });

  test("drop before and after applying", async () => {
    await createRun();
    server.faults.push({ match: {}, action: { kind: "drop", when: "before" } });
    await expect(row()).rejects.toThrow();
    expect(await stored()).toBe(0);
    server.faults.push({ match: {}, action: { kind: "drop", when: "after" } });
    await expect(row()).rejects.toThrow();
    expect(await stored()).toBe(1);
  });

  test("half an answer, a page instead of JSON, a delay, no answer", async () => {
    const query = "query Viewer { viewer { id username entity email flags } }";
    const match = { operation: "Viewer" };
    server.faults.push({ match, action: { kind: "half" } });
    await expect(graphql(query)).rejects.toThrow();
    server.faults.push({ match, action: { kind: "html" } });
    await expect(graphql(query)).rejects.toThrow(SyntaxError);
    server.faults.push({ match, action: { kind: "delay", ms: 200 } });
    const start = performance.now();
    expect((await graphql(query)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(190);
    server.faults.push({ match, action: { kind: "hang" } });
    const hanging = fetch(`${server.url}/graphql`, {
      method: "POST",
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(300),
    });
    await expect(hanging).rejects.toThrow(/timeout/);
  });

  test("rules hit what they match, as often as they say, after those they skip", async () => {
    server.faults.push({
      match: {
        method: "POST",
        host: "api",
        operation: /^Up/,
        where: ({ variables }) => variables?.["name"] === "r2",
      },
      skip: 1,
      times: 2,
      action: { kind: "status", status: 500 },
    });
    const statuses: number[] = [];
    for (const name of ["r1", "r2", "r2", "r1", "r2", "r2"])
      statuses.push((await graphql(UPSERT, { name })).status);
    expect(statuses).toEqual([200, 200, 500, 200, 500, 200]);
    expect(server.faults).toEqual([]);
  });
});

describe("normalised snapshots", () => {
  function picture(color: number, level: number): Buffer {
    const png = new PNG({ width: 3, height: 2 });
    png.data.fill(color);
    return PNG.sync.write(png, { deflateLevel: level });
  }

  async function runWith(name: string, image: Buffer, time: number) {
    const sha256 = createHash("sha256").update(image).digest("hex");
    const path = `media/images/img_0_${sha256.slice(0, 20)}.png`;
    const img = { _type: "image-file", sha256, path, size: image.length };
    await createRun(name);
    await upload(path, image, name);
    await stream(history(0, JSON.stringify({ img, _step: 0, _timestamp: time })), name);
    const { id, ...rest } = normalise(await server.snapshot("tester", "p", name));
    return rest;
  }

  test("two encodings of one picture are equal, another picture is not", async () => {
    const loose = picture(5, 0);
    const tight = picture(5, 9);
    expect(loose.equals(tight)).toBe(false);
    const first = await runWith("a", loose, 1.5);
    expect(await runWith("b", tight, 2.5)).toEqual(first);
    expect(await runWith("c", picture(6, 9), 1.5)).not.toEqual(first);
  });

  test("JSON with bare tokens is read, strings that look like them stay", () => {
    expect(parseLooseJson('{"a":[NaN,-Infinity,1],"b":"NaN, \\"Infinity","c":Infinity}')).toEqual({
      a: [NaN, -Infinity, 1],
      b: 'NaN, "Infinity',
      c: Infinity,
    });
    expect(() => parseLooseJson("{NaN}")).toThrow(SyntaxError);
  });
});
