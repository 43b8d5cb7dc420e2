import { maskSecretValues } from "../../../src/collectors/secrets.js";
import { object, type Shape } from "./answer-shape.js";
import type { Http } from "./http.js";
import {
  errorText,
  GRAPHQL_RETRY,
  insist,
  isJson,
  RequestError,
  type RetryOptions,
  type RetryPolicy,
  sendWithRetry,
} from "./retry.js";

/** Pages of results are far smaller. */
const MOST_ANSWER_BYTES = 64 << 20;

/** A GraphQL document with the name of its operation. */
export interface Operation {
  readonly name: string;
  readonly text: string;
  /** What its answer must look like; anything but an object without it. */
  readonly shape: Shape | undefined;
}

/** Declares an operation: the first name in its text. An answer of another shape is refused. */
export function operation(text: string, shape?: { readonly [field: string]: Shape }): Operation {
  const name = /\b(?:query|mutation)\s+(\w+)/.exec(text)?.[1];
  if (name === undefined) throw new Error(`no operation in: ${text}`);
  return {
    name,
    text: text.replace(/\s+/g, " ").trim(),
    shape: shape === undefined ? undefined : object(shape),
  };
}

export interface QueryOptions extends RetryOptions {
  /** Default that of the connection. */
  readonly policy?: RetryPolicy;
}

type Variables = { readonly [name: string]: unknown };

/** Asks a server's GraphQL endpoint. */
export interface Graphql {
  /**
   * The `data` of the answer. Retries as the policy says.
   *
   * @param variables a function is asked for each attempt
   * @throws RequestError when the server refuses, with status 200 for errors that the answer itself lists, and at once for
   * an answer with the status `returned`.
   */
  query<Data>(
    operation: Operation,
    variables: Variables | (() => Variables),
    options?: QueryOptions,
  ): Promise<Data>;
}

/**
 * @param headers of every request besides those of `http`, for instance of shared mode.
 * @param defaultPolicy of queries that name none
 */
export function createGraphql(
  http: Http,
  headers: { readonly [name: string]: string } = {},
  defaultPolicy: RetryPolicy = GRAPHQL_RETRY,
): Graphql {
  return {
    async query<Data>(
      { name, text, shape }: Operation,
      variables: Variables | (() => Variables),
      options: QueryOptions = {},
    ) {
      const { policy = defaultPolicy, ...retry } = options;
      const bodyOf = (given: Variables): string =>
        JSON.stringify({ query: text, variables: given, operationName: name });
      const request = {
        method: "POST",
        url: "/graphql",
        headers: { "content-type": "application/json", ...headers },
        body: typeof variables === "function" ? () => bodyOf(variables()) : bodyOf(variables),
        mostBytes: MOST_ANSWER_BYTES,
      } as const;
      const ask = async (): Promise<Data> => {
        const answer = await sendWithRetry(http, request, policy, { ...retry, check: isJson }).catch(
          (error: unknown) => {
            if (error instanceof RequestError) {
              throw new RequestError(`${name}: ${error.message}`, error.status, error);
            }
            throw error;
          },
        );
        if (answer.status === retry.returned) {
          throw new RequestError(`${name}: ${answer.status}: ${errorText(answer)}`, answer.status);
        }
        return readAnswer<Data>(name, shape, answer.body);
      };
      // Errors with status 200: the server's own trouble as well as what it will never do.
      const mayPass = (error: unknown): boolean =>
        error instanceof RequestError && error.status === 200 && !isUnknownField(error);
      return insist(ask, policy, retry, mayPass);
    },
  };
}

function readAnswer<Data>(name: string, shape: Shape | undefined, body: Buffer): Data {
  const answer = JSON.parse(body.toString()) as {
    readonly data?: Data | null;
    readonly errors?: unknown;
  } | null;
  const refuse = (problem: string): never => {
    throw new RequestError(`${name}: ${problem}`, 200);
  };
  const errors = Array.isArray(answer?.errors) ? (answer.errors as readonly unknown[]) : [];
  if (errors.length > 0) {
    const said = errors.map((error) => {
      const message = (error as { readonly message?: unknown } | null)?.message;
      return typeof message === "string" ? message : "no message";
    });
    refuse(maskSecretValues(said.join("; ")).slice(0, 500));
  }
  const data = answer?.data;
  if (typeof data !== "object" || data === null) return refuse("the answer has no data");
  const flaw = shape?.(data, "");
  return flaw === undefined ? data : refuse(`the answer is not that of a W&B server (${flaw})`);
}

/** Whether a server refused because it is older than a field or argument of the operation. */
export function isUnknownField(error: unknown): boolean {
  return (
    error instanceof RequestError && /Cannot query field|Unknown (argument|type|field)/i.test(error.message)
  );
}
