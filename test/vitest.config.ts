import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Tests import the compiled package ("tracelet", "#src/…", "#backends/…" resolve to dist through
// package.json), because the logging worker only exists as compiled JavaScript: what is tested is what ships.
const project = (name: string, testTimeout: number, exclude: string[] = []) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    exclude,
    testTimeout,
    hookTimeout: testTimeout,
    // Processes, sockets and clocks of a busy machine: a test that fails once is run again there, and the report says so.
    retry: process.env["CI"] && name !== "unit" ? 1 : 0,
    pool: "forks" as const,
  },
});

/** Tests of the promise of 10 ms: it needs a machine that is not busy with other tests. */
const TO_THE_MILLISECOND = "test/faults/**/*sigkill.test.ts";

/** Runs against a server in trouble: many processes for a few minutes, so that they are a step of CI of their own. */
const SERVER_FAULTS = "test/faults/wandb-server";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    // No test may find the credentials of whoever runs it, and send something to a server with them.
    env: { WANDB_API_KEY: "", WANDB_IDENTITY_TOKEN_FILE: "", NETRC: "/nonexistent/netrc" },
    // Many fault tests wait for deadlines, so that more of them than there are cores can run at a time.
    maxWorkers: Math.max(4, availableParallelism()),
    // Of the tests that say `concurrent`, which wait for processes of their own.
    maxConcurrency: 3,
    projects: [
      project("unit", 30_000),
      project("integration", 30_000),
      project("faults", 120_000, [TO_THE_MILLISECOND, `${SERVER_FAULTS}/**`]),
      {
        test: {
          name: "faults-alone",
          include: [TO_THE_MILLISECOND],
          testTimeout: 120_000,
          pool: "forks",
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...project("faults", 120_000).test,
          name: "server-faults",
          include: [`${SERVER_FAULTS}/**/*.test.ts`],
        },
      },
      // The package as it is installed, its types in an editor, the programs on the pages: mostly the work of compilers.
      project("shipped", 60_000),
      project("interop", 300_000),
    ],
  },
});
