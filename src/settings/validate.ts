import { TraceletError } from "../errors.js";
import type { StandardIssue, StandardResult, StandardSchema } from "./standard-schema.js";
import { unknownOption } from "./unknown-option.js";

/** What a zod issue tells beyond the standard ones; other libraries' issues keep their own message. */
interface DetailedIssue extends StandardIssue {
  readonly code?: string;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a union: what each of its branches finds. */
  readonly errors?: readonly (readonly DetailedIssue[])[];
}

/**
 * The checked options. Throws `invalid-option` with a message that names the option and what to do.
 *
 * @param where what the options belong to, for the message: `startLogging` or a backend's name
 */
export function validateOptions<T>(schema: StandardSchema<T> | undefined, value: unknown, where: string): T {
  if (schema === undefined) {
    const given = Object.keys((value ?? {}) as object);
    if (given.length > 0)
      throw new TraceletError(
        "invalid-option",
        `${where} takes no options, but was given ${given.map(quoted).join(", ")}`,
      );
    return undefined as T;
  }
  const result = schema["~standard"].validate(value ?? {});
  if (result instanceof Promise) {
    throw new TraceletError(
      "invalid-option",
      `the option schema of ${where} is asynchronous; it must answer at once`,
    );
  }
  return unwrap(result, schema, value, where);
}

/** Names of the options a schema knows, when it is an object of zod. */
export function optionNames(schema: StandardSchema<unknown> | undefined): string[] {
  const { shape, def } = (schema ?? {}) as { shape?: object; def?: { shape?: object } };
  return Object.keys(shape ?? def?.shape ?? {});
}

function unwrap<T>(result: StandardResult<T>, schema: StandardSchema<T>, given: unknown, where: string): T {
  if (result.issues === undefined) return result.value;
  const known = optionNames(schema);
  const problems = result.issues.map((issue) => describe(issue, known, given));
  throw new TraceletError("invalid-option", `${where}: ${problems.join("; ")}`);
}

function describe(issue: DetailedIssue, known: readonly string[], given: unknown): string {
  const path = keysOf(issue);
  const at = path.join(".");
  if (issue.code === "unrecognized_keys" && issue.keys !== undefined) {
    if (at === "" && known.length > 0) return issue.keys.map((key) => unknownOption(key, known)).join("; ");
    return `unknown option ${issue.keys.map(quoted).join(", ")}${at === "" ? "" : ` in ${quoted(at)}`}`;
  }
  const value = path.reduce<unknown>((outer, key) => (outer as { [key: string]: unknown })?.[key], given);
  return `${at === "" ? "the options" : `option ${quoted(at)}`} ${expectation(issue, value)}`;
}

const keysOf = (issue: StandardIssue): string[] =>
  (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));

function expectation(issue: DetailedIssue, value: unknown): string {
  if (issue.errors !== undefined && issue.errors.length > 0) {
    return issue.errors
      .map(([first]) => rule(first!))
      .join(", or ")
      .replaceAll(", or must be", ", or");
  }
  const found = issue.expected === undefined || issue.values !== undefined ? "" : `, not ${nameOf(value)}`;
  return `${rule(issue)}${found}`;
}

function rule(issue: DetailedIssue): string {
  if (issue.values !== undefined)
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
  if (issue.minimum !== undefined) return `must be at least ${issue.minimum}`;
  if (issue.maximum !== undefined) return `must be at most ${issue.maximum}`;
  if (issue.expected !== undefined) return `must be ${WORDS[issue.expected] ?? `of type ${issue.expected}`}`;
  return `is not valid${issue.message === "Invalid input" ? "" : `: ${issue.message}`}`;
}

/** Zod's names of types, in words. */
const WORDS: { readonly [type: string]: string } = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
  record: "an object",
};

/** What was given, without its value: it may be a secret. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return WORDS["array"]!;
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  return WORDS[typeof value] ?? `a ${typeof value}`;
}

const quoted = (name: string) => `"${name}"`;
