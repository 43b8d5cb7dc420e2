import { lookup } from "node:dns/promises";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api } from "../api/api.js";
import { Artifact } from "../artifacts/artifact.js";
import { cacheFolder } from "../artifacts/cache.js";
import { artifactRecord } from "../artifacts/manifest.js";
import { stagingFolder } from "../artifacts/staging.js";
import { createArtifactSaver } from "../artifacts/upload/saver.js";
import { generateId } from "../run/run-id.js";
import { createRunFields } from "../sender/run-fields.js";
import { createUpserts, type RunIdentity } from "../sender/upserts.js";
import { operation } from "../server/graphql.js";
import { sendWithRetry } from "../server/retry.js";
import { uploadBytes } from "../server/upload.js";
import { queryViewer } from "../server/viewer.js";
import { type CommandConnection, impatient, type Surroundings } from "./connect.js";

const FEATURES = operation(`query ServerFeaturesQuery { serverInfo { features { name isEnabled } } }`);
const CREATE_RUN_FILES = operation(`
  mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
    createRunFiles(input: { entityName: $entity, projectName: $project, runName: $run, files: $files }) {
      runID uploadHeaders files { name uploadUrl }
    }
  }`);
const RUN_FILE = operation(`
  query RunFile($entity: String!, $project: String!, $run: String!, $file: String!) {
    project(name: $project, entityName: $entity) {
      run(name: $run) { files(pattern: $file) { edges { node { name directUrl sizeBytes } } } }
    }
  }`);
const DELETE_RUN = operation(`
  mutation DeleteRun($id: ID!) { deleteRun(input: { id: $id }) { clientMutationId } }`);

const FILE = "tracelet-verify.txt";
const UPLOAD_TIMEOUT_MS = 30_000;
const CONTENT = "Written by `tracelet wandb verify`.\n";

/** What the steps use and find out; each step may rely on those before it. */
export interface Verification {
  readonly server: Surroundings;
  readonly connection: CommandConnection;
  readonly project: string;
  entity: string;
  run: RunIdentity | undefined;
}

/** One thing that a run does with a server. */
export interface Step {
  readonly name: string;
  /** Resolves with what there is to say of a step that worked. */
  readonly take: (verification: Verification) => Promise<string>;
  /** What to do when it did not. */
  readonly advice: string;
}

/** In the order of a run's life. The last one takes away what the others made. */
export const STEPS: readonly Step[] = [
  {
    name: "address",
    take: async ({ server: { baseUrl, values } }) => {
      const { hostname } = new URL(baseUrl);
      const host = hostname.replace(/^\[|\]$/g, "");
      if (isIP(host) !== 0) return host;
      // Behind a proxy it is the proxy that must know the name.
      if (values.httpsProxy || values.httpProxy || process.env["HTTPS_PROXY"] || process.env["HTTP_PROXY"])
        return `${host}, through a proxy`;
      return `${host} is ${(await lookup(host)).address}`;
    },
    advice: "check the server's name (WANDB_BASE_URL) and this machine's network",
  },
  {
    name: "connection",
    take: async ({ server, connection }) => {
      // Any answer shows that there is a server; a repetition would hide how long it took.
      const { timeoutMs } = impatient(server);
      const { status } = await connection.http.send({ method: "GET", url: "/healthz", timeoutMs });
      return `answers (${status})`;
    },
    advice: "check firewall and proxy (WANDB_HTTPS_PROXY), and whether the server runs",
  },
  {
    name: "key",
    take: async (verification) => {
      const { connection, server } = verification;
      const viewer = await queryViewer(connection.graphql, { policy: impatient(server) });
      if (viewer === undefined) throw new Error("the server does not know the key");
      verification.entity = server.values.entity ?? viewer.entity;
      return `of ${viewer.username ?? viewer.entity}`;
    },
    advice: "is it a W&B server, and the key one of its? tracelet wandb login --relogin asks for another",
  },
  {
    name: "features",
    take: async ({ connection, server }) => {
      const { serverInfo } = await connection.graphql.query<{
        readonly serverInfo: { readonly features: readonly { readonly isEnabled: boolean }[] } | null;
      }>(FEATURES, {}, { policy: impatient(server) });
      const features = serverInfo?.features ?? [];
      return `${features.filter(({ isEnabled }) => isEnabled).length} enabled`;
    },
    advice: "the server may be too old; runs work without features",
  },
  {
    name: "run",
    take: async (verification) => {
      const { connection, server, project, entity } = verification;
      const fields = createRunFields();
      fields.update({ entity, project, runId: generateId(), ...ABOUT });
      const upserts = createUpserts({
        graphql: connection.graphql,
        fields,
        config: () => "{}",
        onTrouble: () => {},
        policy: impatient(server),
      });
      verification.run = await upserts.first();
      const { runId, entity: owner, project: owned } = verification.run;
      return `${owner}/${owned}/${runId}`;
    },
    advice: "the key may not write to this entity; WANDB_ENTITY names another",
  },
  {
    name: "file stream",
    take: async ({ connection, server, run }) => {
      const { entity, project, runId } = run!;
      const row = '{"loss":0.5,"_step":0}';
      const body = {
        files: { "wandb-history.jsonl": { offset: 0, content: [row] } },
        complete: true,
        exitcode: 0,
      };
      const path = [entity, project, runId].map(encodeURIComponent).join("/");
      await sendWithRetry(
        connection.http,
        {
          method: "POST",
          url: `/files/${path}/file_stream`,
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        },
        impatient(server),
      );
      return "one row";
    },
    advice: "metrics do not arrive; ask who runs the server",
  },
  {
    name: "upload",
    take: async ({ connection, server, run }) => {
      const { entity, project, runId } = run!;
      const policy = impatient(server);
      const { createRunFiles } = await connection.graphql.query<{
        readonly createRunFiles: {
          readonly uploadHeaders: readonly string[] | null;
          readonly files: readonly { readonly name: string; readonly uploadUrl: string | null }[];
        };
      }>(CREATE_RUN_FILES, { entity, project, run: runId, files: [FILE] }, { policy });
      const url = createRunFiles.files.find(({ name }) => name === FILE)?.uploadUrl;
      if (url === null || url === undefined) throw new Error("the server gives no address to upload to");
      await uploadBytes(connection.http, {
        url,
        headers: createRunFiles.uploadHeaders ?? [],
        bytes: Buffer.from(CONTENT),
        policy,
        // Uploads wait for minutes as a rule, which these few bytes do not need.
        signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      });
      return hostOf(url, server);
    },
    advice: "the server's file storage cannot be reached from here",
  },
  {
    name: "download",
    take: async ({ connection, server, run }) => {
      const { entity, project, runId } = run!;
      const policy = impatient(server);
      const found = await connection.graphql.query<{
        readonly project: {
          readonly run: {
            readonly files: { readonly edges: readonly { readonly node: { readonly directUrl: string } }[] };
          } | null;
        } | null;
      }>(RUN_FILE, { entity, project, run: runId, file: FILE }, { policy });
      const url = found.project?.run?.files.edges[0]?.node.directUrl;
      if (url === undefined) throw new Error("the server does not list the file that was uploaded");
      const answer = await sendWithRetry(connection.http, { method: "GET", url }, policy);
      if (answer.body.toString() !== CONTENT) throw new Error("the file is not what was uploaded");
      return hostOf(url, server);
    },
    advice: "files arrive and cannot be read back; ask who runs the server",
  },
  {
    name: "artifact",
    take: async ({ connection, server, run }) => {
      const { entity, project, runId } = run!;
      const artifact = new Artifact(`tracelet-verify-${runId}`, { type: "verify" });
      artifact.newFile(FILE, CONTENT);
      const staging = stagingFolder();
      const saver = createArtifactSaver({
        connection,
        entity,
        project,
        runId,
        cache: cacheFolder(),
        staging,
        policy: impatient(server),
        signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
      });
      const logging = { run: { id: runId, project, entity }, aliases: ["latest"] };
      await saver.save(artifactRecord(artifact.toPlan(), logging, staging));
      const api = new Api({ baseUrl: server.baseUrl, entity, project });
      const saved = await api.artifact(artifact.name);
      const root = await mkdtemp(join(tmpdir(), "tracelet-verify-"));
      try {
        // Not from the cache, where the upload has left it.
        await saved.download({ root, skipCache: true, signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS) });
        const content = await readFile(join(root, FILE), "utf8");
        if (content !== CONTENT) throw new Error("the artifact's file is not what was uploaded");
      } finally {
        await rm(root, { recursive: true, force: true });
        await saved.delete({ deleteAliases: true });
      }
      return "uploaded, read back and deleted";
    },
    advice: "artifacts cannot be kept there; runs without them work",
  },
  {
    name: "clean-up",
    take: async ({ connection, server, run }) => {
      await connection.graphql.query(DELETE_RUN, { id: run!.storageId }, { policy: impatient(server) });
      return "the run is deleted";
    },
    advice: "delete the run on its page",
  },
];

/** What a run of a check says of itself. */
const ABOUT = {
  displayName: "tracelet verify",
  notes: "A check of the server by `tracelet wandb verify`.",
  jobType: "verify",
};

/** Of a signed address only the host: the rest of it is a permission. */
const hostOf = (url: string, { baseUrl }: Surroundings): string => new URL(url, baseUrl).host;
