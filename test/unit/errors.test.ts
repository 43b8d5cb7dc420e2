import { expect, test } from "vitest";
import { addSecret } from "#src/collectors/secrets.js";
import { messageOf } from "#src/errors.js";

test.for<[string, unknown, string]>([
  ["an error", new RangeError("too large\nwith details"), "too large"],
  ["an error without a message", new TypeError(), "TypeError"],
  ["a text", "broken", "broken"],
  ["nothing", undefined, "undefined"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["an object without a prototype", Object.create(null), "something that is no error was thrown"],
  [
    "a proxy",
    new Proxy(new Error("x"), {
      get: () => {
        throw new Error("trap");
      },
    }),
    "something that is no error was thrown",
  ],
])("%s", ([, thrown, message]) => {
  expect(messageOf(thrown)).toBe(message);
});

test("a page in one line is cut, and no secret with it", () => {
  const secret = "0123456789abcdef0123456789abcdef01234567";
  addSecret(secret);
  const message = messageOf(new Error(`${"x".repeat(1_990)} ${secret} ${"y".repeat(10_000_000)}`));
  expect(message).toHaveLength(2_003);
  expect(message).not.toContain(secret.slice(0, 6));
});
