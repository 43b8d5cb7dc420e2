import { describe, expect, it } from "vitest";
import { maskEvent, maskTexts } from "#backends/wandb/around/mask-texts.js";
import { addSecret } from "#src/collectors/secrets.js";
import type { Event } from "#src/events/event.js";

const KEY = "13579bdf02468ace13579bdf02468ace13579bdf";
addSecret(KEY);

describe("maskTexts", () => {
  it("masks texts wherever they are, and nothing else", () => {
    const bytes = Buffer.from(KEY);
    const date = new Date();
    const data = {
      a: `x ${KEY}`,
      list: [1, [KEY], "short"],
      file: `/tmp/${KEY}`,
      bytes,
      date,
      n: 5,
      none: null,
    };
    expect(maskTexts(data)).toEqual({ ...data, a: "x ***", list: [1, ["***"], "short"] });
    expect(data.a).toContain(KEY);
  });

  it("returns what has no secret as it is", () => {
    const data = { a: ["password = readPassword()", { b: "max_tokens: 12" }], f: new Float64Array(2) };
    expect(maskTexts(data)).toBe(data);
  });

  it("takes a key named __proto__ for a key as any other", () => {
    const masked = maskTexts(JSON.parse(`{"__proto__":"${KEY}","b":"${KEY}"}`) as object);
    expect(JSON.stringify(masked)).toBe('{"__proto__":"***","b":"***"}');
  });
});

describe("maskEvent", () => {
  const timed = { wallTime: 1, step: 0 };
  const native = (name: string): Event => ({
    kind: "native",
    backend: "wandb",
    name,
    data: { text: KEY },
    ...timed,
  });

  it("masks what a script says", () => {
    expect(maskEvent({ kind: "text", tag: "t", text: KEY, ...timed })).toMatchObject({ text: "***" });
    expect(maskEvent({ kind: "summary", values: { a: KEY }, ...timed })).toMatchObject({
      values: { a: "***" },
    });
    expect(maskEvent(native("log"))).toMatchObject({ data: { text: "***" } });
    expect(maskEvent(native("alert"))).toMatchObject({ data: { text: "***" } });
  });

  it("leaves numbers and places of files alone", () => {
    const row: Event = { kind: "row", tags: [KEY], values: [1], ...timed };
    expect(maskEvent(row)).toBe(row);
    expect(maskEvent(native("artifact"))).toMatchObject({ data: { text: KEY } });
  });
});
