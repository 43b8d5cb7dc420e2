import type { Fault, FaultAction, FaultMatch } from "../../support/wandb-server/faults.js";

/** Moments in the life of a run: what a fault matches, and what it lets pass before. */
export const MOMENTS: { readonly [moment: string]: { readonly match: FaultMatch; readonly skip?: number } } =
  {
    features: { match: { operation: "ServerFeaturesQuery" } },
    "first upsert": {
      match: { operation: "UpsertBucket", where: ({ variables }) => variables?.["id"] === null },
    },
    "later upsert": {
      match: { operation: "UpsertBucket", where: ({ variables }) => variables?.["id"] !== null },
    },
    "first file stream": { match: { path: /file_stream$/ } },
    "file stream in the middle": { match: { path: /file_stream$/ }, skip: 3 },
    "last file stream": { match: { path: /file_stream$/, where: ({ body }) => isLast(body) } },
    CreateRunFiles: { match: { operation: "CreateRunFiles" } },
    "PUT of a run file": { match: { method: "PUT", path: /result\.json$/ } },
    CreateArtifact: { match: { operation: "CreateArtifact" } },
    CreateArtifactManifest: { match: { operation: "CreateArtifactManifest" } },
    CreateArtifactFiles: { match: { operation: "CreateArtifactFiles" } },
    "PUT of an artifact's file": { match: { method: "PUT", path: /b\.txt$/ } },
    "PUT of a manifest": { match: { method: "PUT", path: /wandb_manifest\.json$/ } },
    CommitArtifact: { match: { operation: "CommitArtifact" } },
  };

const isLast = (body: unknown): boolean =>
  (body as { readonly complete?: boolean } | undefined)?.complete === true;

const refusal = (status: number): FaultAction => ({ kind: "status", status });
const JSON_200 = { kind: "status", status: 200 } as const;

/** What goes wrong. */
export const TROUBLES: { readonly [trouble: string]: () => FaultAction } = {
  "reset before it was applied": () => ({ kind: "drop", when: "before" }),
  "reset after it was applied": () => ({ kind: "drop", when: "after" }),
  "half an answer": () => ({ kind: "half" }),
  "no answer": () => ({ kind: "hang" }),
  "a slow drip": () => ({ kind: "drip", ms: 1 }),
  "401": () => refusal(401),
  "403": () => refusal(403),
  "404": () => refusal(404),
  "408": () => refusal(408),
  "409": () => refusal(409),
  "413": () => refusal(413),
  "429 for a second": () => ({ kind: "status", status: 429, headers: { "Retry-After": "1" } }),
  "429 until a date": () => ({
    kind: "status",
    status: 429,
    headers: { "Retry-After": new Date(Date.now() + 1_000).toUTCString() },
  }),
  "500": () => refusal(500),
  "500 though it was applied": () => ({ kind: "status", status: 500, applied: true }),
  "502 with a page": () => ({ kind: "html", status: 502 }),
  "503": () => refusal(503),
  "200 with a page": () => ({ kind: "html" }),
  "200 with broken JSON": () => ({ ...JSON_200, body: '{"data":{' }),
  "errors with 200": () => ({
    ...JSON_200,
    body: '{"errors":[{"message":"the database is away"}],"data":null}',
  }),
};

/** A store's answer to a PUT has no content: a 2xx is one, whatever it holds. */
const NOT_FOR_A_PUT = /^(200|errors|a slow drip|half)/;
/** The file stream's answers are not GraphQL's: JSON of 2xx is an answer. */
const ONLY_GRAPHQL = /^errors/;

export interface MatrixCase {
  readonly name: string;
  readonly trouble: string;
  readonly moment: string;
  /** How many requests it hits; `Infinity`: all of the run's. */
  readonly times: number;
  readonly fault: () => Fault;
}

const TIMES = [1, 3, Number.POSITIVE_INFINITY] as const;

/** Every trouble at every moment that it can happen at; how often changes from one to the next. */
export function matrix(): MatrixCase[] {
  const cases: MatrixCase[] = [];
  for (const [m, [moment, { match, skip = 0 }]] of Object.entries(MOMENTS).entries()) {
    for (const [t, [trouble, action]] of Object.entries(TROUBLES).entries()) {
      if (match.method === "PUT" && NOT_FOR_A_PUT.test(trouble)) continue;
      if (match.operation === undefined && ONLY_GRAPHQL.test(trouble)) continue;
      const times = TIMES[(m + t) % TIMES.length]!;
      const often = times === 1 ? "once" : times === 3 ? "three times" : "for the rest of the run";
      cases.push({
        name: `${moment}: ${trouble}, ${often}`,
        trouble,
        moment,
        times,
        fault: () => ({ match, skip, times, action: action() }),
      });
    }
  }
  return cases;
}
