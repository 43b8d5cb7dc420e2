// npm run build && npx tsx bench/wandb-file-stream.ts [rows]
// How fast the file stream sends rows to the recording W&B server, beside how fast that server takes the same bodies
// when they are made already. By hand: the server is a tool of the tests, so its figure is no promise to anybody.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createFileStream } from "#backends/wandb/sender/file-stream.js";
import { createGraphql, operation } from "#backends/wandb/server/graphql.js";
import { createHttp } from "#backends/wandb/server/http.js";

const ROWS = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 3;
// Made before, as a text of its own each: what is measured is their way, not their making.
const rows = Array.from({ length: ROWS }, (_, step) => {
  const time = step * 0.001;
  const line = { "train/loss": 1 / (step + 1), _step: step, _runtime: time, _timestamp: 1.7e9 + time };
  return JSON.stringify(line);
});

const server = spawn(process.execPath, ["--import", "tsx", "test/support/wandb-server/main.ts"], {
  stdio: ["pipe", "pipe", "inherit"],
});
const variables: { [name: string]: string } = {};
for await (const line of createInterface(server.stdout)) {
  const [name, value] = line.split("=");
  variables[name!] = value!;
  if (name === "WANDB_API_KEY") break;
}
server.stdout.resume();
const authorization = `Basic ${Buffer.from(`api:${variables["WANDB_API_KEY"]}`).toString("base64")}`;
const http = createHttp({ baseUrl: variables["WANDB_BASE_URL"]!, authorization: async () => authorization });
const upsert = operation(
  `mutation UpsertBucket($name: String) { upsertBucket(input: {name: $name, modelName: "p"}) { inserted } }`,
);
const startRun = async (name: string): Promise<string> => {
  await createGraphql(http).query(upsert, { name });
  return `/files/tester/p/${name}/file_stream`;
};

const fail = (reason: string): never => {
  throw new Error(reason);
};
async function sendRows(path: string): Promise<void> {
  const stream = createFileStream({
    http,
    path,
    offsets: { history: 0, events: 0, console: 0 },
    onAcknowledged() {},
    onDropped: (_kind, _count, reason) => fail(reason),
    onTrouble: fail,
    onStopped() {},
    onFailed: (error) => fail(error.message),
  });
  for (const [step, row] of rows.entries()) {
    if (step % 1000 === 0) await stream.hasRoom();
    stream.history(row);
  }
  await stream.finish({ exitCode: 0 });
}

/** The bodies of the same rows, 10 MiB of lines each. */
function makeBodies(): Buffer[] {
  const made: Buffer[] = [];
  let content: string[] = [];
  let bytes = 0;
  let offset = 0;
  for (const [step, line] of rows.entries()) {
    content.push(line);
    bytes += line.length;
    if (bytes < 10 << 20 && step < ROWS - 1) continue;
    made.push(Buffer.from(JSON.stringify({ files: { "wandb-history.jsonl": { offset, content } } })));
    offset += content.length;
    [content, bytes] = [[], 0];
  }
  return made;
}

const perSecond = (since: number): number => Math.round((ROWS / (performance.now() - since)) * 1000);
const ready = makeBodies();
for (let round = 0; round < ROUNDS; round++) {
  const bare = await startRun(`bare${round}`);
  let start = performance.now();
  for (const body of ready) await http.send({ method: "POST", url: bare, body });
  const own = perSecond(start);
  const path = await startRun(`stream${round}`);
  start = performance.now();
  await sendRows(path);
  const ours = perSecond(start);
  console.log(`server ${own} rows/s, stream ${ours} rows/s: ${Math.round((ours / own) * 100)} %`);
}
await http.close();
server.kill();
await once(server, "exit");
