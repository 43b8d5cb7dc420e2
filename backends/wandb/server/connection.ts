import { flag, list, maybe, object, text } from "./answer-shape.js";
import { createGraphql, type Graphql, operation, type QueryOptions } from "./graphql.js";
import type { Http } from "./http.js";
import type { RetryPolicy } from "./retry.js";

const SERVER_FEATURES = operation(
  `query ServerFeaturesQuery { serverInfo { features { name isEnabled } } }`,
  { serverInfo: maybe(object({ features: list(object({ name: text, isEnabled: flag })) })) },
);

interface FeatureList {
  readonly serverInfo: {
    readonly features: readonly { readonly name: string; readonly isEnabled: boolean }[];
  } | null;
}

/** A server with somebody's credentials: what everything that talks to it starts from. */
export interface Connection {
  readonly http: Http;
  readonly graphql: Graphql;
  /** Whether the server says that it has a feature; a server that cannot say has none. Asked once, as `options` say. */
  hasFeature(name: string, options?: QueryOptions): Promise<boolean>;
}

/**
 * @param headers of every GraphQL request, for shared mode.
 * @param policy of GraphQL requests; default `GRAPHQL_RETRY`
 */
export function createConnection(
  http: Http,
  headers: { readonly [name: string]: string } = {},
  policy?: RetryPolicy,
): Connection {
  const graphql = createGraphql(http, headers, policy);
  let asked: Promise<ReadonlySet<string>> | undefined;
  const ask = async (options?: QueryOptions): Promise<ReadonlySet<string>> => {
    const { serverInfo } = await graphql.query<FeatureList>(SERVER_FEATURES, {}, options);
    return new Set((serverInfo?.features ?? []).flatMap(({ name, isEnabled }) => (isEnabled ? [name] : [])));
  };
  return {
    http,
    graphql,
    async hasFeature(name, options) {
      asked ??= ask(options).catch(() => {
        asked = undefined;
        return new Set<string>();
      });
      return (await asked).has(name);
    },
  };
}
