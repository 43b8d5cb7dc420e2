import { TraceletError } from "../errors.js";
import type { StandardIssue, StandardResult, StandardSchema } from "./standard-schema.js";

/** What a zod issue tells beyond the standard ones; other libraries' issues keep their own message. */
interface DetailedIssue extends StandardIssue {
  readonly code?: string;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
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
  return unwrap(result, schema, where);
}

function unwrap<T>(result: StandardResult<T>, schema: StandardSchema<T>, where: string): T {
  if (result.issues === undefined) return result.value;
  const known = Object.keys(
    (schema as { shape?: object }).shape ?? (schema as { def?: { shape?: object } }).def?.shape ?? {},
  );
  const problems = result.issues.map((issue) => describe(issue, known));
  throw new TraceletError("invalid-option", `${where}: ${problems.join("; ")}`);
}

function describe(issue: DetailedIssue, known: readonly string[]): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  if (issue.code === "unrecognized_keys" && issue.keys !== undefined) {
    const names = issue.keys.map(quoted).join(", ");
    const hint = path === "" && known.length > 0 ? `; known options: ${known.join(", ")}` : "";
    return `unknown option ${path === "" ? names : `${names} in "${path}"`}${hint}`;
  }
  return `option ${quoted(path)} ${expectation(issue)}`;
}

function expectation(issue: DetailedIssue): string {
  if (issue.values !== undefined)
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
  if (issue.minimum !== undefined) return `must be at least ${issue.minimum}`;
  if (issue.maximum !== undefined) return `must be at most ${issue.maximum}`;
  if (issue.expected !== undefined) return `must be of type ${issue.expected}`;
  return `is not valid${issue.message === "Invalid input" ? "" : `: ${issue.message}`}`;
}

const quoted = (name: string) => `"${name}"`;
