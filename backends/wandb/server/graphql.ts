import type { Http } from "./http.js";
import {
  GRAPHQL_RETRY,
  isJson,
  RequestError,
  type RetryOptions,
  type RetryPolicy,
  sendWithRetry,
} from "./retry.js";

/** A GraphQL document with the name of its operation. */
export interface Operation {
  readonly name: string;
  readonly text: string;
}

/** Declares an operation: the first name in its text. */
export function operation(text: string): Operation {
  const name = /\b(?:query|mutation)\s+(\w+)/.exec(text)?.[1];
  if (name === undefined) throw new Error(`no operation in: ${text}`);
  return { name, text: text.replace(/\s+/g, " ").trim() };
}

export interface QueryOptions extends RetryOptions {
  /** Default `GRAPHQL_RETRY`. */
  readonly policy?: RetryPolicy;
}

/** Asks a server's GraphQL endpoint. */
export interface Graphql {
  /**
   * The `data` of the answer. Retries as the policy says.
   *
   * @throws RequestError when the server refuses, with status 200 for errors that the answer itself lists.
   */
  query<Data>(
    operation: Operation,
    variables: { readonly [name: string]: unknown },
    options?: QueryOptions,
  ): Promise<Data>;
}

/** @param headers of every request besides those of `http`, for instance of shared mode. */
export function createGraphql(http: Http, headers: { readonly [name: string]: string } = {}): Graphql {
  return {
    async query<Data>({ name, text }: Operation, variables: object, options: QueryOptions = {}) {
      const { policy = GRAPHQL_RETRY, ...retry } = options;
      const answer = await sendWithRetry(
        http,
        {
          method: "POST",
          url: "/graphql",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify({ query: text, variables, operationName: name }),
        },
        policy,
        { ...retry, check: isJson },
      ).catch((error: unknown) => {
        if (error instanceof RequestError) {
          throw new RequestError(`${name}: ${error.message}`, error.status, error);
        }
        throw error;
      });
      return readAnswer<Data>(name, answer.body);
    },
  };
}

function readAnswer<Data>(name: string, body: Buffer): Data {
  const answer = JSON.parse(body.toString()) as {
    readonly data?: Data | null;
    readonly errors?: readonly { readonly message?: string }[];
  };
  const messages = answer.errors?.map(({ message }) => message ?? "an error without a message") ?? [];
  if (messages.length > 0) throw new RequestError(`${name}: ${messages.join("; ").slice(0, 500)}`, 200);
  if (answer.data === undefined || answer.data === null) throw new RequestError(`${name}: no data`, 200);
  return answer.data;
}

/** Whether a server refused because it is older than a field or argument of the operation. */
export function isUnknownField(error: unknown): boolean {
  return (
    error instanceof RequestError && /Cannot query field|Unknown (argument|type|field)/i.test(error.message)
  );
}
