import { afterEach, beforeEach, expect, test } from "vitest";
import { createAlerts } from "#backends/wandb/sender/alerts.js";
import type { Cursor } from "#backends/wandb/sender/cursor.js";
import { createGraphql } from "#backends/wandb/server/graphql.js";
import type { Http } from "#backends/wandb/server/http.js";
import { QUICK_RETRY, type Setting, startSetting } from "./stream-setting.js";

let setting: Setting;
beforeEach(async () => {
  setting = await startSetting();
});
afterEach(() => setting.close());

const NOTIFY = { operation: "NotifyScriptableRunAlert" };

function start(cursor: Partial<Cursor> = {}, http: Http = setting.http) {
  const noted = { alerts: 0, ...cursor } as Cursor;
  const problems: string[] = [];
  const leftOut: string[] = [];
  const alerts = createAlerts({
    graphql: createGraphql(http),
    identity: { entity: "tester", project: "p", runId: "r1" } as never,
    query: { policy: { ...QUICK_RETRY, retries: 3, refusals: 2 } },
    progress: { cursor: noted, save: (changes) => void Object.assign(noted, changes) },
    problem: (message) => problems.push(message),
    leaveOut: (message) => leftOut.push(message),
  });
  return { alerts, noted, problems, leftOut };
}

const waits = (): (number | null)[] =>
  setting.server.requests
    .filter(({ operation }) => operation === NOTIFY.operation)
    .map(({ variables }) => variables?.["waitDuration"] as number | null);
const titles = () => setting.run.alerts.map(({ title }) => title);

test("one whose answer was lost is sent again so that the server tells it once", async () => {
  setting.server.faults.push({ match: NOTIFY, times: 2, action: { kind: "drop", when: "after" } });
  const { alerts, noted, problems } = start();
  alerts.send({ title: "a", text: "", waitDuration: 1 });
  await alerts.settled();
  const [first, second, third] = waits() as number[];
  expect(first).toBe(1);
  // Behind the first attempt: some milliseconds, and the margin for the clocks.
  expect(second).toBeGreaterThanOrEqual(5_000);
  expect(third).toBeGreaterThanOrEqual(second!);
  expect(third).toBeLessThan(6_500);
  expect([noted.alerts, noted.alertBegan, problems]).toEqual([1, undefined, []]);
});

test("one that was surely not taken is sent again as it is", async () => {
  setting.server.faults.push({ match: NOTIFY, times: 2, action: { kind: "status", status: 429 } });
  let refused = 0;
  const http: Http = {
    ...setting.http,
    async send(request) {
      if (refused++ === 0) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
      return setting.http.send(request);
    },
  };
  const { alerts } = start({}, http);
  alerts.send({ title: "a", text: "", waitDuration: 1 });
  alerts.send({ title: "b", text: "" });
  await alerts.settled();
  expect(waits()).toEqual([1, 1, 1, null]);
  expect(titles()).toEqual(["a", "b"]);
});

test("one under way when the process was killed reaches back to then; those before it are not sent", async () => {
  const { alerts, noted } = start({ alerts: 1, alertBegan: Date.now() - 3_600_000 });
  for (const title of ["a", "b", "c"]) alerts.send({ title, text: "", waitDuration: 60_000 });
  await alerts.settled();
  expect(titles()).toEqual(["b", "c"]);
  const [b, c] = waits() as number[];
  expect(b).toBeGreaterThanOrEqual(3_600_000);
  expect(b).toBeLessThan(3_620_000);
  expect([c, noted.alerts]).toEqual([60_000, 3]);
});

test("what comes behind one that is missing waits with it, so that a later time sends each once", async () => {
  setting.server.faults.push({ match: NOTIFY, skip: 1, times: 3, action: { kind: "status", status: 403 } });
  const { alerts, noted, problems } = start();
  for (const title of ["a", "b", "c"]) alerts.send({ title, text: "" });
  await alerts.settled();
  expect([titles(), noted.alerts]).toEqual([["a"], 1]);
  expect(problems).toEqual([expect.stringContaining('"b"')]);
  const later = start(noted);
  for (const title of ["a", "b", "c"]) later.alerts.send({ title, text: "" });
  await later.alerts.settled();
  expect(titles()).toEqual(["a", "b", "c"]);
});

test("one that the server does not accept keeps none back", async () => {
  setting.server.faults.push({ match: NOTIFY, action: { kind: "status", status: 422 } });
  const { alerts, noted, problems, leftOut } = start();
  for (const title of ["a", "b"]) alerts.send({ title, text: "" });
  await alerts.settled();
  expect([titles(), noted.alerts, problems, leftOut.length]).toEqual([["b"], 2, [], 1]);
});
