import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event, ScalarColumns } from "../events/event.js";
import { sampleEvents } from "../events/samples.js";
import type { BackendDefinition, RunDescription, SyncReport } from "./contract.js";
import { type BackendHost, createHost } from "./host.js";

/** What the suite must know of a backend. */
export interface ConformanceOptions<Options> {
  readonly definition: BackendDefinition<Options>;
  /** Options for a run whose root folder is `dir`; called for each case. */
  readonly options: (dir: string) => Options;
  /**
   * Reads back the scalars a finished run holds, in order, from its folder: what the cases compare with what was
   * logged. Leave it out when nothing can be read back; the cases that need it are then skipped with that reason.
   */
  readonly readScalars?: (
    dir: string,
    location: string | undefined,
  ) => Promise<{ tag: string; value: number; step?: number }[]>;
  /** Values come back as float32. */
  readonly float32?: boolean;
}

/** One thing every backend must do. `run` throws when it does not. */
export interface ConformanceCase {
  readonly name: string;
  /** Why the case does not apply to this backend; the support matrix shows it. */
  readonly skip?: string;
  run(): Promise<void>;
}

/**
 * The cases, for any test runner.
 *
 * @example
 * ```ts
 * import { defineBackend } from "tracelet";
 * import { conformanceCases } from "tracelet/testing";
 *
 * const definition = defineBackend({ name: "null", create: () => ({ open() {}, write() {}, close() {} }) });
 * for (const { name, skip, run } of conformanceCases({ definition, options: () => undefined })) {
 *   if (skip === undefined) await run();
 *   console.log(name, skip ?? "ok");
 * }
 * ```
 */
export function conformanceCases<Options>(subject: ConformanceOptions<Options>): ConformanceCase[] {
  const { definition, readScalars } = subject;
  const unreadable = readScalars === undefined ? { skip: "nothing can be read back" } : {};
  const asStored = (value: number) => (subject.float32 ? Math.fround(value) : value);
  const kindCase = (event: Event): ConformanceCase => {
    const reason = definition.unsupported?.[event.kind];
    return {
      name: `takes ${event.kind} events`,
      ...(reason !== undefined && { skip: reason }),
      run: () =>
        inFolder(subject, async ({ host, troubles }) => {
          host.write([event], 256);
          const report = await host.close({ status: "finished", exitCode: 0 }, 10_000);
          expectCounts(report, { dropped: 0, accepted: 1 });
          equal(troubles, [], "troubles");
        }),
    };
  };

  return [
    ...sampleEvents().map(kindCase),
    {
      name: "keeps scalars in order, with NaN, infinities, -0 and large steps",
      ...unreadable,
      run: () =>
        inFolder(subject, async ({ host, dir, location }) => {
          const values = [1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-30];
          const steps = [0, 1, 2, 3, 2 ** 40, Number.MAX_SAFE_INTEGER];
          host.writeScalars(columns("a/b c", values, steps));
          host.write([{ kind: "scalar", tag: "ünï/😀", value: 2, step: 7, wallTime: 1_700_000_001 }], 32);
          await host.close({ status: "finished", exitCode: 0 }, 10_000);
          const expected = [
            ...values.map((value, i) => ({ tag: "a/b c", value: asStored(value), step: steps[i]! })),
            { tag: "ünï/😀", value: 2, step: 7 },
          ];
          equal(await readScalars!(dir, location()), expected, "scalars");
        }),
    },
    {
      name: "keeps the order of scalars and rows logged between other events",
      ...unreadable,
      run: () =>
        inFolder(subject, async ({ host, dir, location }) => {
          for (let step = 0; step < 50; step++) {
            host.writeScalars(columns("x", [step], [step]));
            host.write(
              [{ kind: "text", tag: "t", text: `${step}`, step, wallTime: 1_700_000_000 + step }],
              64,
            );
          }
          await host.close({ status: "finished", exitCode: 0 }, 10_000);
          const values = (await readScalars!(dir, location()))
            .filter(({ tag }) => tag === "x")
            .map(({ value }) => value);
          equal(
            values,
            Array.from({ length: 50 }, (_, step) => step),
            "values",
          );
        }),
    },
    {
      name: "has everything in place after flush, before close",
      ...unreadable,
      run: () =>
        inFolder(subject, async ({ host, dir, location }) => {
          host.writeScalars(columns("x", [1, 2], [0, 1]));
          await host.flush(10_000);
          equal((await readScalars!(dir, location())).length, 2, "scalars after flush");
          await host.close({ status: "finished", exitCode: 0 }, 10_000);
        }),
    },
    {
      name: "takes 20,000 scalars at once and counts each",
      run: () =>
        inFolder(subject, async ({ host }) => {
          const steps = Array.from({ length: 20_000 }, (_, step) => step);
          host.writeScalars(columns("x", steps, steps));
          const report = await host.close({ status: "finished", exitCode: 0 }, 30_000);
          expectCounts(report, { dropped: 0, accepted: 20_000 });
        }),
    },
    {
      name: "closes a run that logged nothing, and one that failed",
      run: async () => {
        for (const exitCode of [0, 1]) {
          await inFolder(subject, async ({ host, troubles }) => {
            const status = exitCode === 0 ? "finished" : "failed";
            expectCounts(await host.close({ status, exitCode }, 10_000), { dropped: 0, accepted: 0 });
            equal(troubles, [], "troubles");
          });
        }
      },
    },
    {
      name: "keeps two runs at the same time apart",
      ...unreadable,
      run: () =>
        inFolder(subject, async (first) =>
          inFolder(subject, async (second) => {
            for (let step = 0; step < 20; step++) {
              first.host.writeScalars(columns("x", [step], [step]));
              second.host.writeScalars(columns("x", [-step - 1], [step]));
            }
            await first.host.close({ status: "finished", exitCode: 0 }, 10_000);
            await second.host.close({ status: "finished", exitCode: 0 }, 10_000);
            const ofFirst = await readScalars!(first.dir, first.location());
            const ofSecond = await readScalars!(second.dir, second.location());
            equal([ofFirst.length, ofSecond.length], [20, 20], "counts");
            equal(
              ofFirst.every(({ value }) => value >= 0) && ofSecond.every(({ value }) => value < 0),
              true,
              "apart",
            );
          }),
        ),
    },
  ];
}

interface Subject {
  readonly host: BackendHost;
  readonly dir: string;
  readonly troubles: string[];
  location(): string | undefined;
}

async function inFolder<Options>(
  subject: ConformanceOptions<Options>,
  body: (run: Subject) => Promise<void>,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "tracelet-conformance-"));
  const troubles: string[] = [];
  let location: string | undefined;
  const { definition } = subject;
  const host = createHost({
    label: definition.name,
    candidates: [
      {
        label: definition.name,
        create: async (context) => ({
          ...definition,
          backend: await definition.create(subject.options(dir), context),
        }),
      },
    ],
    stallMs: 10_000,
    reporter: {
      opened() {},
      trouble: (message) => void troubles.push(message),
      location(where) {
        location = where;
      },
      address() {},
      drops() {},
    },
  });
  const run: RunDescription = {
    id: "abcd1234",
    name: undefined,
    project: "conformance",
    tags: [],
    params: {},
    dir,
    startTime: 1_700_000_000,
  };
  try {
    await host.open(run);
    equal(troubles, [], "troubles at the start");
    await body({ host, dir, troubles, location: () => location });
  } finally {
    await host.close({ status: "finished", exitCode: 0 }, 1_000);
    await rm(dir, { recursive: true, force: true });
  }
}

function columns(tag: string, values: readonly number[], steps: readonly number[]): ScalarColumns {
  return {
    length: values.length,
    tags: values.map(() => tag),
    values: Float64Array.from(values),
    steps: Float64Array.from(steps),
    wallTimes: Float64Array.from(values, (_, i) => 1_700_000_000 + i / 1000),
  };
}

function expectCounts(
  { synced, pending, dropped }: SyncReport,
  expected: { dropped: number; accepted: number },
): void {
  equal(dropped, expected.dropped, "dropped");
  equal(synced + pending + dropped, expected.accepted, "synced + pending + dropped");
}

function equal(actual: unknown, expected: unknown, what: string): void {
  const show = (value: unknown) =>
    JSON.stringify(value, (_, item) =>
      typeof item === "number" && !Number.isFinite(item) ? String(item) : Object.is(item, -0) ? "-0" : item,
    );
  if (show(actual) !== show(expected))
    throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}
