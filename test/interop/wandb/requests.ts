import { parseLooseObject } from "../../support/wandb-server/loose-json.js";
import type { RecordedRequest } from "../../support/wandb-server/record.js";

type Json = { readonly [key: string]: unknown };

/**
 * Questions whose answers each client needs at moments of its own, or not at all: the official one asks who it is and
 * whether an artifact's type is another from Python, and whose cloud it runs in.
 */
const QUESTIONS = ["Viewer", "ServerFeaturesQuery", "ArtifactType", "OrganizationCoreWeaveOrganizationID"];

/**
 * What a client has told a server in one run, as far as the protocol fixes it; equal for two clients that ran the same
 * program. Left out, with the reason:
 *
 * - into how many requests changes of a run, names of files and lines are divided: that is a matter of time
 * - ids, digests of encoded media, times, versions: as in `normalise`
 * - the values of rows, summary, console and files, which are compared as the server's state
 */
export function whatWasSaid(requests: readonly RecordedRequest[]) {
  const upserts = variablesOf(requests, "UpsertBucket");
  const bodies = streamBodies(requests);
  const said = requests.filter(({ operation = "" }) => !QUESTIONS.includes(operation));
  return {
    operations: [...new Set(said.flatMap(({ operation = [] }) => operation))].sort(),
    firstUpsert: plainUpsert(upserts[0] ?? {}),
    program: upserts.map(({ program }) => program).find((path) => path !== null) !== undefined,
    changes: [...new Set(upserts.slice(1).flatMap((upsert) => Object.keys(given(upsert))))]
      .filter((name) => name !== "program")
      .sort(),
    runFiles: inOrder(
      variablesOf(requests, "CreateRunFiles").flatMap(({ files, ...run }) =>
        (files as string[]).map((name) => ({ ...run, name: anonymous(name) })),
      ),
    ),
    alerts: variablesOf(requests, "NotifyScriptableRunAlert"),
    artifacts: inOrder(variablesOf(requests, "CreateArtifact").map(plainArtifact)),
    manifests: inOrder(
      [
        ...variablesOf(requests, "CreateArtifactManifest"),
        ...variablesOf(requests, "UpdateArtifactManifest"),
      ].map(({ artifactID: _, artifactManifestID: __, baseArtifactID, digest, ...rest }) => ({
        ...rest,
        hasBase: baseArtifactID != null,
        hasDigest: Boolean(digest),
      })),
    ),
    artifactFiles: inOrder(variablesOf(requests, "CreateArtifactFiles").flatMap(plainArtifactFiles)),
    stream: {
      files: [...new Set(bodies.flatMap(({ files = {} }) => Object.keys(files)))]
        // Samples of the machine come when a moment of their own has come.
        .filter((name) => name !== "wandb-events.jsonl")
        .sort(),
      rows: linesOf(bodies, "wandb-history.jsonl").length,
      uploaded: [...new Set(bodies.flatMap(({ uploaded = [] }) => uploaded.map(anonymous)))].sort(),
      preempting: bodies.some(({ preempting }) => preempting === true),
      complete: bodies.at(-1)?.complete,
      exitcode: bodies.at(-1)?.exitcode,
      keys: [...new Set(bodies.flatMap(Object.keys))].filter((key) => key !== "files").sort(),
    },
    headers: Object.fromEntries(
      ["graphql", "files", "storage"].map((kind) => [
        kind,
        inOrder([...new Set(said.filter(isOf(kind)).map(telling))].map((text) => JSON.parse(text) as Json)),
      ]),
    ),
  };
}

/** Rules of the protocol that hold whatever a program does; returns those that requests broke. */
export function brokenRules(requests: readonly RecordedRequest[]): string[] {
  const broken: string[] = [];
  const rule = (holds: boolean, text: string): void => {
    if (!holds && !broken.includes(text)) broken.push(text);
  };
  const at = (test: (request: RecordedRequest) => boolean): number => requests.findIndex(test);
  const named = (name: string) => (request: RecordedRequest) => request.operation === name;
  const stream = requests.filter(({ path }) => path.endsWith("/file_stream"));
  const made = at(named("UpsertBucket"));

  for (const user of [isOf("files"), named("CreateRunFiles"), named("CreateArtifact")]) {
    rule(at(user) < 0 || made < at(user), "the run is made before anything is put into it");
  }
  const config = parseLooseObject(String(requests[made]?.variables?.["config"])) as Json;
  rule(
    Boolean((config["_wandb"] as { value?: Json })?.value?.["t"]),
    "the first config makes the run resumable",
  );
  for (const { host, headers } of requests) {
    rule(
      (headers.authorization === undefined) === (host === "storage"),
      "the key goes to the API, and only there",
    );
  }
  for (const name of ["wandb-history.jsonl", "wandb-events.jsonl"]) {
    let next = 0;
    for (const { files = {} } of streamBodies(requests)) {
      const part = files[name];
      if (part === undefined) continue;
      rule(part.offset === next, `${name}: a request begins where the one before ended`);
      next = part.offset + part.content.length;
    }
  }
  for (const { files = {} } of streamBodies(requests)) {
    const summary = files["wandb-summary.json"];
    rule(
      summary === undefined || (summary.offset === 0 && summary.content.length === 1),
      "one line of summary",
    );
  }
  const ends = streamBodies(requests).map(({ complete }) => complete === true);
  rule(ends.lastIndexOf(true) === ends.indexOf(true), "there is one end");
  rule(ends.indexOf(true) < 0 || ends.at(-1) === true, "nothing comes after the end");
  rule(ends.indexOf(true) < 0 || requests.at(-1) === stream.at(-1), "the end is the last request");
  const put = new Map<string, number>();
  for (const [i, { host, path }] of requests.entries()) {
    const name = decodeURIComponent(path.split("/").slice(3).join("/"));
    if (host === "storage" && !put.has(name)) put.set(name, i);
  }
  for (const request of stream) {
    for (const name of (request.body as Body).uploaded ?? []) {
      rule((put.get(name) ?? Infinity) < requests.indexOf(request), "a file is told of when it has been put");
    }
  }
  const steps = ["CreateArtifact", "CreateArtifactManifest", "CreateArtifactFiles", "CommitArtifact"].map(
    (name) => at(named(name)),
  );
  const taken = steps.filter((step) => step >= 0);
  rule(
    JSON.stringify(taken) === JSON.stringify([...taken].sort((a, b) => a - b)),
    "an artifact goes in its order",
  );
  return broken;
}

export type Said = ReturnType<typeof whatWasSaid>;

interface Body {
  readonly files?: {
    readonly [name: string]: { readonly offset: number; readonly content: readonly string[] };
  };
  readonly uploaded?: readonly string[];
  readonly complete?: boolean;
  readonly exitcode?: number;
  readonly preempting?: boolean;
}

const streamBodies = (requests: readonly RecordedRequest[]): Body[] =>
  requests.filter(({ path }) => path.endsWith("/file_stream")).map(({ body }) => body as Body);

const linesOf = (bodies: readonly Body[], name: string): readonly string[] =>
  bodies.flatMap(({ files = {} }) => files[name]?.content ?? []);

const variablesOf = (requests: readonly RecordedRequest[], name: string): Json[] =>
  requests.filter(({ operation }) => operation === name).map(({ variables = {} }) => variables as Json);

const isOf =
  (kind: string) =>
  ({ path }: RecordedRequest): boolean =>
    path.split("/")[1] === kind;

const given = (variables: Json): Json =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== null));

/** Names of media hold digests of their bytes, which two encoders do not share; those of increments a time. */
const anonymous = (name: string): string =>
  name
    .replace(/[0-9a-f]{20,64}/g, "<digest>")
    .replace(/^(None|\d+)-\d{13}\./, "<increment>.")
    .replace(/^code\/(.*)\.(py|mjs)$/, "code/$1");

/** Plain values in an order of their own. */
export const inOrder = <Value>(values: readonly Value[]): Value[] =>
  [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Program and saved code are told later by ours, which does not wait for what it gathers about the process. */
function plainUpsert({ config, program: _, repo, ...fields }: Json): Json {
  const { _wandb, ...values } = parseLooseObject(String(config));
  return {
    ...fields,
    repo: typeof repo === "string" ? repo.replace("https://user:@", "https://") : repo,
    config: Object.keys(values).sort(),
  };
}

function plainArtifact({ input }: Json): Json {
  const { clientID, sequenceClientID, digest: _, aliases, metadata, ...rest } = input as Json;
  return {
    ...rest,
    ids: [clientID, sequenceClientID].map((id) => /^[0-9a-z]{128}$/.test(String(id))),
    aliases: inOrder(aliases as Json[]),
    metadata: metadata == null ? null : JSON.parse(String(metadata)),
  };
}

function plainArtifactFiles({ input }: Json): Json[] {
  const { artifactFiles, ...rest } = input as Json;
  return (artifactFiles as Json[]).map(
    ({ artifactID: _, artifactManifestID: __, md5, digest, name, ...file }) => ({
      ...rest,
      ...file,
      name: anonymous(String(name)),
      isDigest: md5 === digest && /^[A-Za-z0-9+/]{22}==$/.test(String(md5)),
    }),
  );
}

/** The headers that say something, as a text; lengths and what a library adds for itself do not. */
function telling({ headers, method }: RecordedRequest): string {
  const kept = Object.entries(headers).filter(([name]) =>
    /^(authorization|content-type|x-|user-agent)/.test(name),
  );
  return JSON.stringify({ method, ...Object.fromEntries(kept.sort()) });
}
