import type { Readable } from "node:stream";
import { type Dispatcher, EnvHttpProxyAgent, request as openRequest } from "undici";
import { TraceletError } from "../../../src/errors.js";
import { abandon } from "./abandon.js";
import { firstOf, wholeAnswer } from "./whole-answer.js";

/** How long a connection may take to be made. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Beyond this a redirect is a loop. */
const MOST_REDIRECTS = 5;
/** Connections to one host: transfers run side by side, and each takes one. As many as the official client has. */
const CONNECTIONS = 128;

export interface HttpOptions {
  /** Base URL of the API, without a slash at its end. */
  readonly baseUrl: string;
  /** The `Authorization` of a request to the base URL; undefined without credentials. */
  readonly authorization: () => Promise<string | undefined>;
  /** Sent with every request, uploads too; never in place of a request's own. `x_extra_http_headers`. */
  readonly headers?: { readonly [name: string]: string };
  /** Proxies for `http:` and `https:`; default those of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. */
  readonly httpProxy?: string | undefined;
  readonly httpsProxy?: string | undefined;
  /** Takes any certificate. `WANDB_INSECURE_DISABLE_SSL`. */
  readonly insecure?: boolean | undefined;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** An address, or a path below the base URL that begins with `/`. */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** A function makes the body anew for each attempt: a stream can be read only once. */
  readonly body?: string | Uint8Array | (() => Readable | string);
  /** How long until the whole answer is there; for `open` until it begins. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The longest answer of `send`; default 256 MiB. */
  readonly mostBytes?: number | undefined;
  /** Sends no key, wherever the address leads: for signed addresses, which carry their own, and foreign ones. */
  readonly anonymous?: boolean | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; of a repeated header the first. */
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: Buffer;
}

export type HttpStream = Omit<HttpAnswer, "body"> & { readonly body: Readable };

/** Requests to a W&B server and to the object stores it names. */
export interface Http {
  readonly baseUrl: string;
  /** Sends a request and reads its answer, whatever its status. Rejects when there is none. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** As `send`, with the body as it comes; follows redirects. Read it to its end, or destroy it. */
  open(request: HttpRequest): Promise<HttpStream>;
  close(): Promise<void>;
}

/**
 * The one place that knows the key's header. It goes to addresses below the base URL and nowhere else: not to the signed
 * addresses of an object store, not along a redirect to another host.
 */
export function createHttp(options: HttpOptions): Http {
  const { baseUrl, authorization, headers: extra = {}, insecure } = options;
  let dispatcher: Dispatcher | undefined;
  /** Made with the first request: a run that is over before it sends anything needs none. */
  const connections = (): Dispatcher => {
    dispatcher ??= new EnvHttpProxyAgent({
      connections: CONNECTIONS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // A request's own time limit counts; none of its parts has another.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { rejectUnauthorized: insecure !== true },
      ...(options.httpProxy === undefined ? {} : { httpProxy: options.httpProxy }),
      ...(options.httpsProxy === undefined ? {} : { httpsProxy: options.httpsProxy }),
    });
    return dispatcher;
  };

  const prepare = async (request: HttpRequest, url: string) => {
    const { method, body, anonymous } = request;
    const own = !anonymous && isBelow(baseUrl, url) ? await authorization() : undefined;
    return {
      method,
      headers: {
        "user-agent": "wandb-core",
        ...lowerCase(extra),
        ...lowerCase(request.headers ?? {}),
        ...(own === undefined ? {} : { authorization: own }),
      },
      body: typeof body === "function" ? body() : (body ?? null),
    };
  };

  const within = (request: HttpRequest): AbortSignal | undefined => {
    const { signal, timeoutMs } = request;
    if (timeoutMs === undefined) return signal;
    const limit = AbortSignal.timeout(timeoutMs);
    return signal === undefined ? limit : AbortSignal.any([signal, limit]);
  };

  return {
    baseUrl,
    async send(request) {
      const url = checked(absolute(baseUrl, request.url), baseUrl);
      const prepared = await prepare(request, url);
      const { origin, pathname, search } = new URL(url);
      return await wholeAnswer(connections(), { ...prepared, origin, path: pathname + search }, request);
    },
    async open(request) {
      let url = checked(absolute(baseUrl, request.url), baseUrl);
      for (let redirects = 0; ; redirects++) {
        const signal = within(request);
        const { statusCode, headers, body } = await openRequest(url, {
          dispatcher: connections(),
          ...(await prepare(request, url)),
          ...(signal === undefined ? {} : { signal }),
        });
        const answer = { status: statusCode, headers: firstOf(headers), body };
        const target = answer.headers["location"];
        if (answer.status < 300 || answer.status > 399 || target === undefined) return answer;
        abandon(answer.body);
        if (redirects === MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects`);
        const next = new URL(target, url);
        if (url.startsWith("https:") && next.protocol !== "https:") {
          throw new Error("a redirect leads from https to an address without encryption");
        }
        url = checked(next.href, baseUrl);
      }
    },
    async close() {
      await dispatcher?.destroy();
    },
  };
}

const absolute = (baseUrl: string, url: string): string => (url.startsWith("/") ? baseUrl + url : url);

/** Where a cloud's machines ask for their own credentials, and no object store is. */
const LINK_LOCAL = /^(169\.254\.|\[?(::ffff:)?fe[89ab][0-9a-f]:|\[::ffff:a9fe:)/;

/**
 * An address that a server named, or led to, if it is one to send to. Private addresses are: those of the stores of one's
 * own servers.
 *
 * @throws TraceletError `invalid-option`
 */
function checked(url: string, baseUrl: string): string {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: "", hostname: "" };
  if (/^https?:$/.test(protocol) && (!LINK_LOCAL.test(hostname) || hostname === new URL(baseUrl).hostname)) {
    return url;
  }
  const named = protocol === "" ? "none at all" : `${protocol}//${hostname}`.slice(0, 100);
  throw new TraceletError(
    "invalid-option",
    `the server named an address that nothing is sent to (${named})`,
    {
      backend: "wandb",
    },
  );
}

/** Whether an address has the scheme and host of the base URL, and its path as a beginning. */
export function isBelow(baseUrl: string, url: string): boolean {
  const base = new URL(baseUrl);
  const other = new URL(url);
  const path = base.pathname.replace(/\/$/, "");
  return other.origin === base.origin && (other.pathname === path || other.pathname.startsWith(`${path}/`));
}

function lowerCase(headers: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
