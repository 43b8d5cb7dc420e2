import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { historyBody, type RawClient, rawClient } from "../support/wandb-server/raw-client.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

let server: WandbServer;
let client: RawClient;
beforeEach(async () => {
  server = await startWandbServer();
  client = rawClient(server);
});
afterEach(() => server.close());

describe("GraphQL", () => {
  test("aliases, fragments, directives and defaults select what is asked for", async () => {
    await client.upsertRun("r1");
    const { data } = await client.graphql(
      `query Q($name: String!, $with: Boolean = false) { project(name: "p", entityName: "tester") {
         found: run(name: $name) { ...Fields state @include(if: $with) ... on Run { tags } missing: jobType } } }
       fragment Fields on Run { name }`,
      { name: "r1" },
    );
    expect(data).toEqual({ project: { found: { name: "r1", tags: [], missing: null } } });
  });

  test("the operation's name is read from the text when it is not given", async () => {
    await client.upsertRun("r1");
    expect(server.requests.map(({ operation }) => operation)).toEqual(["UpsertBucket"]);
    expect(server.requests[0]!.variables).toEqual({ name: "r1", config: '{"lr":{"value":NaN}}' });
  });

  test.each([
    ["query Q { viewer { nothingLikeIt } }", 'Cannot query field "nothingLikeIt" on type "User".'],
    ["query Q($a: String!) { viewer { id } }", '"$a" of required type "String!" was not provided.'],
    ["query Q { project(name: $b) { id } }", '"$b" is not defined.'],
    ["query Q { viewer { id ", "unexpected end of the document"],
  ])("%s is refused", async (query, message) => {
    const { status, errors } = await client.graphql(query);
    expect(status).toBe(400);
    expect(errors![0]!.message).toContain(message);
  });

  test("without the key nothing is answered", async () => {
    const wrong = { Authorization: `Basic ${Buffer.from("api:wrong").toString("base64")}` };
    expect((await client.graphql("query Viewer { viewer { id } }", {}, wrong)).status).toBe(401);
    await client.upsertRun("r1");
    expect((await client.stream({}, "r1", wrong)).status).toBe(401);
  });
});

describe("file stream", () => {
  test("a repeated request changes nothing, a gap is counted", async () => {
    await client.upsertRun("r1");
    await client.stream(historyBody(0, '{"_step":0}', '{"_step":1}'));
    await client.stream(historyBody(0, '{"_step":0}', '{"_step":1}'));
    await client.stream(historyBody(3, '{"_step":3,"x":NaN}'));
    const { history: rows, holes } = await server.snapshot("tester", "p", "r1");
    expect(rows).toEqual([{ _step: 0 }, { _step: 1 }, { _step: 3, x: NaN }]);
    expect(holes).toBe(1);
  });

  test("console lines may be rewritten, the summary is its last line, the end sets state and exit code", async () => {
    await client.upsertRun("r1");
    await client.stream({ files: { "output.log": { offset: 0, content: ["one", "50%"] } } });
    await client.stream({
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
    await client.upsertRun("r1");
    const writer = (id: string) => ({
      "X-WANDB-USE-ASYNC-FILESTREAM": "true",
      "X-WANDB-ASYNC-CLIENT-ID": id,
    });
    await client.stream(historyBody(0, '{"a":1}'), "r1", writer("w1"));
    await client.stream(historyBody(1, '{"b":1}'), "r1", writer("w2"));
    await client.stream(historyBody(1, '{"b":1}'), "r1", writer("w2"));
    const run = await server.snapshot("tester", "p", "r1");
    expect(run.history).toEqual([{ a: 1 }, { b: 1 }]);
    expect(run.holes).toBe(0);
  });

  test("compressed bodies are read, and a stop request is answered", async () => {
    await client.upsertRun("r1");
    server.store.projects.get("tester/p")!.runs.get("r1")!.stopped = true;
    const response = await fetch(`${server.url}/files/tester/p/r1/file_stream`, {
      method: "POST",
      headers: { Authorization: client.authorization, "Content-Encoding": "gzip" },
      body: new Uint8Array(gzipSync(JSON.stringify(historyBody(0, '{"z":1}')))),
    });
    expect(await response.json()).toEqual({ stopped: true });
    expect((await server.snapshot("tester", "p", "r1")).history).toEqual([{ z: 1 }]);
  });
});

describe("storage", () => {
  test("a file goes up by a signed address and comes down whole and by range", async () => {
    await client.upsertRun("r1");
    const bytes = Buffer.alloc(3 << 20, "0123456789");
    const put = await client.upload("deep/big file.bin", bytes, "r1");
    expect(put.headers.get("etag")).toBe(`"${createHash("md5").update(bytes).digest("hex")}"`);
    interface Files {
      project: { run: { files: { edges: { node: { url: string; directUrl: string } }[] } } };
    }
    const { data } = await client.graphql<Files>(
      `query F { project(name: "p", entityName: "tester") { run(name: "r1") {
        files(pattern: "deep/%") { edges { node { name url directUrl sizeBytes } } } } } }`,
    );
    const { node } = data.project.run.files.edges[0]!;
    expect(node).toMatchObject({ name: "deep/big file.bin", sizeBytes: String(bytes.length) });
    const whole = await fetch(node.url, { headers: { Authorization: client.authorization } });
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await fetch(node.directUrl, { headers: { Range: "bytes=11-14" } });
    expect([part.status, await part.text()]).toEqual([206, "1234"]);
    expect(part.headers.get("content-range")).toBe(`bytes 11-14/${bytes.length}`);
  });

  test("an artifact file in parts is complete only with the parts' ETags", async () => {
    await client.upsertRun("r1");
    const create = await client.graphql<{ createArtifact: { artifact: { id: string; state: string } } }>(
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
    const created = await client.graphql<{ createArtifactFiles: { files: { edges: { node: Target }[] } } }>(
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
      client.graphql(
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
