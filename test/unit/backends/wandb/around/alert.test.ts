import { describe, expect, it } from "vitest";
import { type AlertOptions, alertRecord, createAlertWaits } from "#backends/wandb/around/alert.js";
import { TraceletError } from "#src/errors.js";
import { officialRecords } from "./official-run.js";

describe("alertRecord", () => {
  it("is the official client's for the same alerts (around.py)", () => {
    const alert = { title: "title", text: "text" };
    expect([
      alertRecord(alert),
      alertRecord({ ...alert, level: "ERROR", waitDuration: 2.5 }),
      alertRecord({ ...alert, level: "WARN", waitDuration: 0 }),
    ]).toEqual(officialRecords("alert"));
  });

  it.each<[string, Partial<AlertOptions>]>([
    ["title must be a string of 1 to 63 characters", { title: "" }],
    ["title must be a string of 1 to 63 characters", { title: "x".repeat(64) }],
    ["level is one of INFO, WARN, ERROR", { level: "warn" as "WARN" }],
    ["waitDuration is a number of seconds", { waitDuration: -1 }],
    ["waitDuration is a number of seconds", { waitDuration: Number.NaN }],
    ["waitDuration is a number of seconds", { waitDuration: Number.POSITIVE_INFINITY }],
    ["text must be a string", { text: 3 as unknown as string }],
  ])("%s: refuses %j", (rule, wrong) => {
    const call = () => alertRecord({ title: "t", text: "x", ...wrong });
    expect(call).toThrow(TraceletError);
    expect(call).toThrow(rule);
  });

  it("takes 63 characters, whatever they are", () => {
    expect(alertRecord({ title: "😀".repeat(63), text: "" }).title).toHaveLength(126);
  });
});

describe("createAlertWaits", () => {
  it("holds back an alert of the same title within the wait, and counts it", () => {
    const waits = createAlertWaits();
    const minute = alertRecord({ title: "t", text: "" });
    expect(waits.admit(minute, 100)).toBe(true);
    expect(waits.admit(minute, 130)).toBe(false);
    expect(waits.admit(minute, 159.9)).toBe(false);
    expect(waits.admit(alertRecord({ title: "other", text: "" }), 130)).toBe(true);
    expect(waits.admit(minute, 160)).toBe(true);
    expect(waits.admit(alertRecord({ title: "t", text: "", waitDuration: 1 }), 162)).toBe(true);
    expect([...waits.dropped]).toEqual([["t", 2]]);
  });

  it("is not stopped by a clock that was set back", () => {
    const waits = createAlertWaits();
    const alert = alertRecord({ title: "t", text: "" });
    expect([waits.admit(alert, 100), waits.admit(alert, 50)]).toEqual([true, true]);
  });
});
