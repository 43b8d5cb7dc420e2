import vm from "node:vm";
import { describe, expect, test } from "vitest";
import { checkJson, checkJsonObject } from "#src/events/json.js";

const refusal = (message: RegExp) =>
  expect.objectContaining({
    name: "TraceletError",
    code: "invalid-value",
    message: expect.stringMatching(message),
  });

/** Values of another realm are no instances of this one's classes, as under Jest. */
const foreign = (expression: string): unknown => vm.runInNewContext(expression);

// What JSON.stringify makes of a value is the rule; where it loses the value (NaN, maps, sets, errors, bigints), more is kept.
test.for<[string, unknown, unknown]>([
  [
    "numbers that JSON has no form for",
    [Number.NaN, -0, Number.NEGATIVE_INFINITY],
    [Number.NaN, -0, Number.NEGATIVE_INFINITY],
  ],
  ["integers", [5n, 2n ** 70n], [5, "1180591620717411303424"]],
  [
    "toJSON, as JSON.stringify asks it",
    { url: new URL("http://h/p"), a: { toJSON: (key: string) => `<${key}>` } },
    { url: "http://h/p", a: "<a>" },
  ],
  ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["boxed values", [new Number(4), new String("s"), new Boolean(false)], [4, "s", false]],
  ["errors and patterns", [new TypeError("no"), /a+/g], ["TypeError: no", "/a+/g"]],
  [
    "maps and sets",
    new Map<unknown, unknown>([
      ["a", new Set([1])],
      [2, null],
    ]),
    { a: [1], 2: null },
  ],
  ["holes and undefined", { a: Object.assign(new Array(3), { 1: 7 }), b: undefined }, { a: [null, 7, null] }],
  ["typed arrays", { a: Float32Array.of(0.5), b: BigInt64Array.of(3n) }, { a: [0.5], b: [3] }],
  [
    "other realms",
    { m: foreign("new Map([['a', 1]])"), d: foreign("new Date(0)"), t: foreign("new Int8Array([1])") },
    { m: { a: 1 }, d: "1970-01-01T00:00:00.000Z", t: [1] },
  ],
  [
    "symbol keys and inherited members",
    Object.assign(Object.create({ inherited: 1 }), { own: 1, [Symbol("s")]: 2 }),
    { own: 1 },
  ],
  ["the same object twice", ((x) => [x, x])({ a: 1 }), [{ a: 1 }, { a: 1 }]],
])("%s", ([, value, expected]) => {
  expect(checkJson(value, "it")).toEqual(expected);
});

test("__proto__ is a key like others, and pollutes nothing", () => {
  const copy = checkJson(JSON.parse('{"__proto__": {"polluted": 1}}'), "it") as object;
  expect(Object.keys(copy)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

describe("what is refused, by where it stands", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = [cycle];
  const throwing = {
    get secret(): never {
      throw new Error("not now");
    },
  };
  const proxy = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("trap");
      },
    },
  );
  let deep: object = {};
  for (let i = 0; i < 100_000; i++) deep = { deep };

  test.for<[string, unknown, RegExp]>([
    ["cycles", cycle, /^it\.self\[0\] contains itself/],
    ["functions", { f: () => 1 }, /^it\.f is a function/],
    ["symbols", [Symbol("x")], /^it\[0\] is a symbol/],
    ["invalid dates", { d: new Date(Number.NaN) }, /^it\.d is an invalid date/],
    ["promises", { p: Promise.resolve(1) }, /^it\.p is a promise; await it/],
    ["bytes of no type", { b: new ArrayBuffer(2) }, /^it\.b holds bytes/],
    ["getters that throw", throwing, /^it cannot be read: not now/],
    ["proxies that throw", [proxy], /^it\[0\] cannot be read: trap/],
    ["objects as keys of maps", new Map([[{}, 1]]), /^it is a map with/],
    ["a depth that exhausts the stack", deep, /nests deeper than 200 levels/],
  ])("%s", ([, value, message]) => {
    expect(() => checkJson(value, "it")).toThrow(refusal(message));
  });

  test.each([null, undefined, 5, "text", [1], Float32Array.of(1), new Date(0)])(
    "%s in place of an object",
    (value) => {
      expect(() => checkJsonObject(value, "params")).toThrow(
        refusal(/^params must be an object of values by name/),
      );
    },
  );
});
