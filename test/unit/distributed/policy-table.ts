// What every rank of a job is told, written from the tables of the Flyte plugin as they were run (reference
// `seed-systems.md`, 1.3), by hand: nothing here is computed by what it judges. `base` stands for the id of the job.

/** `null` is a rank that does not log; a text is the id of a run of its own. */
export type Expected =
  | null
  | { readonly id: string; readonly group?: string }
  | { readonly id: string; readonly label: string; readonly primary: boolean };

export interface Job {
  /** `nodes x ranks of each`. */
  readonly shape: "1x1" | "1x4" | "2x2" | "3x1" | "2x4";
  readonly mode: "auto" | "shared" | "new";
  readonly scope: "global" | "worker";
  /** In the order of the ranks. */
  readonly ranks: readonly Expected[];
}

const only = (id: string): Expected => ({ id });
const grouped = (id: string, group: string): Expected => ({ id, group });
const primary = (id: string, label: string): Expected => ({ id, label, primary: true });
const writer = (id: string, label: string): Expected => ({ id, label, primary: false });

/** On one node, both scopes are the same. */
const onOneNode: readonly Omit<Job, "scope">[] = [
  { shape: "1x4", mode: "auto", ranks: [only("base"), null, null, null] },
  {
    shape: "1x4",
    mode: "shared",
    ranks: [
      primary("base", "rank-0"),
      writer("base", "rank-1"),
      writer("base", "rank-2"),
      writer("base", "rank-3"),
    ],
  },
  {
    shape: "1x4",
    mode: "new",
    ranks: [
      grouped("base-rank-0", "base"),
      grouped("base-rank-1", "base"),
      grouped("base-rank-2", "base"),
      grouped("base-rank-3", "base"),
    ],
  },
];

export const JOBS: readonly Job[] = [
  ...onOneNode.map((job) => ({ ...job, scope: "global" as const })),
  ...onOneNode.map((job) => ({ ...job, scope: "worker" as const })),

  { shape: "2x2", mode: "auto", scope: "global", ranks: [only("base"), null, null, null] },
  {
    shape: "2x2",
    mode: "auto",
    scope: "worker",
    ranks: [only("base-worker-0"), null, only("base-worker-1"), null],
  },
  {
    shape: "2x2",
    mode: "shared",
    scope: "global",
    ranks: [
      primary("base", "worker-0-rank-0"),
      writer("base", "worker-0-rank-1"),
      writer("base", "worker-1-rank-0"),
      writer("base", "worker-1-rank-1"),
    ],
  },
  {
    shape: "2x2",
    mode: "shared",
    scope: "worker",
    ranks: [
      primary("base-worker-0", "worker-0-rank-0"),
      writer("base-worker-0", "worker-0-rank-1"),
      primary("base-worker-1", "worker-1-rank-0"),
      writer("base-worker-1", "worker-1-rank-1"),
    ],
  },
  {
    shape: "2x2",
    mode: "new",
    scope: "global",
    ranks: [
      grouped("base-rank-0", "base"),
      grouped("base-rank-1", "base"),
      grouped("base-rank-2", "base"),
      grouped("base-rank-3", "base"),
    ],
  },
  {
    shape: "2x2",
    mode: "new",
    scope: "worker",
    ranks: [
      grouped("base-worker-0-rank-0", "base-worker-0"),
      grouped("base-worker-0-rank-1", "base-worker-0"),
      grouped("base-worker-1-rank-0", "base-worker-1"),
      grouped("base-worker-1-rank-1", "base-worker-1"),
    ],
  },

  { shape: "3x1", mode: "auto", scope: "global", ranks: [only("base"), null, null] },
  {
    shape: "3x1",
    mode: "auto",
    scope: "worker",
    ranks: [only("base-worker-0"), only("base-worker-1"), only("base-worker-2")],
  },
  {
    shape: "3x1",
    mode: "shared",
    scope: "global",
    ranks: [
      primary("base", "worker-0-rank-0"),
      writer("base", "worker-1-rank-0"),
      writer("base", "worker-2-rank-0"),
    ],
  },
  {
    shape: "3x1",
    mode: "shared",
    scope: "worker",
    ranks: [
      primary("base-worker-0", "worker-0-rank-0"),
      primary("base-worker-1", "worker-1-rank-0"),
      primary("base-worker-2", "worker-2-rank-0"),
    ],
  },
  {
    shape: "3x1",
    mode: "new",
    scope: "global",
    ranks: [grouped("base-rank-0", "base"), grouped("base-rank-1", "base"), grouped("base-rank-2", "base")],
  },
  {
    shape: "3x1",
    mode: "new",
    scope: "worker",
    ranks: [
      grouped("base-worker-0-rank-0", "base-worker-0"),
      grouped("base-worker-1-rank-0", "base-worker-1"),
      grouped("base-worker-2-rank-0", "base-worker-2"),
    ],
  },

  {
    shape: "2x4",
    mode: "auto",
    scope: "global",
    ranks: [only("base"), null, null, null, null, null, null, null],
  },
  {
    shape: "2x4",
    mode: "auto",
    scope: "worker",
    ranks: [only("base-worker-0"), null, null, null, only("base-worker-1"), null, null, null],
  },
  {
    shape: "2x4",
    mode: "shared",
    scope: "global",
    ranks: [
      primary("base", "worker-0-rank-0"),
      writer("base", "worker-0-rank-1"),
      writer("base", "worker-0-rank-2"),
      writer("base", "worker-0-rank-3"),
      writer("base", "worker-1-rank-0"),
      writer("base", "worker-1-rank-1"),
      writer("base", "worker-1-rank-2"),
      writer("base", "worker-1-rank-3"),
    ],
  },
  {
    shape: "2x4",
    mode: "shared",
    scope: "worker",
    ranks: [
      primary("base-worker-0", "worker-0-rank-0"),
      writer("base-worker-0", "worker-0-rank-1"),
      writer("base-worker-0", "worker-0-rank-2"),
      writer("base-worker-0", "worker-0-rank-3"),
      primary("base-worker-1", "worker-1-rank-0"),
      writer("base-worker-1", "worker-1-rank-1"),
      writer("base-worker-1", "worker-1-rank-2"),
      writer("base-worker-1", "worker-1-rank-3"),
    ],
  },
  {
    shape: "2x4",
    mode: "new",
    scope: "global",
    ranks: [
      grouped("base-rank-0", "base"),
      grouped("base-rank-1", "base"),
      grouped("base-rank-2", "base"),
      grouped("base-rank-3", "base"),
      grouped("base-rank-4", "base"),
      grouped("base-rank-5", "base"),
      grouped("base-rank-6", "base"),
      grouped("base-rank-7", "base"),
    ],
  },
  {
    shape: "2x4",
    mode: "new",
    scope: "worker",
    ranks: [
      grouped("base-worker-0-rank-0", "base-worker-0"),
      grouped("base-worker-0-rank-1", "base-worker-0"),
      grouped("base-worker-0-rank-2", "base-worker-0"),
      grouped("base-worker-0-rank-3", "base-worker-0"),
      grouped("base-worker-1-rank-0", "base-worker-1"),
      grouped("base-worker-1-rank-1", "base-worker-1"),
      grouped("base-worker-1-rank-2", "base-worker-1"),
      grouped("base-worker-1-rank-3", "base-worker-1"),
    ],
  },
];

/** What torchrun sets for each rank of a job of this shape. */
export function torchrunJob(shape: Job["shape"], runId = "job"): NodeJS.ProcessEnv[] {
  const [nodes, each] = shape.split("x").map(Number) as [number, number];
  return Array.from({ length: nodes * each }, (_, rank) => ({
    TORCHELASTIC_RUN_ID: runId,
    RANK: `${rank}`,
    WORLD_SIZE: `${nodes * each}`,
    LOCAL_RANK: `${rank % each}`,
    LOCAL_WORLD_SIZE: `${each}`,
    GROUP_RANK: `${Math.floor(rank / each)}`,
    GROUP_WORLD_SIZE: `${nodes}`,
  }));
}
