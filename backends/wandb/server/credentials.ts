import { homedir } from "node:os";
import { join } from "node:path";
import { addSecret } from "../../../src/collectors/secrets.js";
import { TraceletError } from "../../../src/errors.js";
import { type AccessTokenSource, accessTokens } from "./access-token.js";
import { keyProblem } from "./api-key.js";
import type { Http } from "./http.js";
import { machineOf, netrcPath, readPassword } from "./netrc.js";

/** Who sends a request: an API key, or an identity token that is exchanged for access tokens. */
export type Credentials =
  | {
      readonly kind: "key";
      readonly key: string;
      /** Where it was found, for people: `the settings`, the name of a variable, or the path of a netrc file. */
      readonly source: string;
    }
  | ({ readonly kind: "token"; readonly source: string } & AccessTokenSource);

/** What a script gives of credentials. */
export interface GivenCredentials {
  /** API key. `WANDB_API_KEY`; default: the one in the netrc file. */
  readonly apiKey?: string | undefined;
  /** File with a JSON web token of this process's identity. `WANDB_IDENTITY_TOKEN_FILE`. */
  readonly identityTokenFile?: string | undefined;
  /** Where access tokens are kept. `WANDB_CREDENTIALS_FILE`; default `~/.config/wandb/credentials.json`. */
  readonly credentialsFile?: string | undefined;
}

const GIVEN = "the settings";

/**
 * The credentials for a server: those given, else those of the environment, else the key in the netrc file; undefined
 * when there are none. Every key read is masked from now on wherever it would be shown or written.
 *
 * @param baseUrl base URL of the API, without a slash at its end
 * @param warn told of a netrc file that cannot be used
 * @throws TraceletError `invalid-option` when a key and a token file are given in one place, or a key has not the form of
 * one; the message names the place and never the key
 *
 * @example
 * ```ts
 * const credentials = resolveCredentials({}, "https://api.wandb.ai", process.env, console.warn);
 * if (credentials === undefined) console.error("run: npx tracelet wandb login");
 * ```
 */
export function resolveCredentials(
  given: GivenCredentials,
  baseUrl: string,
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void = () => {},
): Credentials | undefined {
  const cacheFile =
    given.credentialsFile ||
    env["WANDB_CREDENTIALS_FILE"] ||
    join(env["HOME"] || homedir(), ".config", "wandb", "credentials.json");
  const token = (tokenFile: string, source: string): Credentials => ({
    kind: "token",
    source,
    tokenFile,
    cacheFile,
    baseUrl,
  });

  const { apiKey, identityTokenFile } = given;
  if (apiKey && identityTokenFile) refuse("Give apiKey or identityTokenFile, not both.");
  if (apiKey) return key(apiKey, GIVEN);
  if (identityTokenFile) return token(identityTokenFile, GIVEN);

  const keyOfEnvironment = env["WANDB_API_KEY"];
  const fileOfEnvironment = env["WANDB_IDENTITY_TOKEN_FILE"];
  if (keyOfEnvironment && fileOfEnvironment) {
    refuse("WANDB_API_KEY and WANDB_IDENTITY_TOKEN_FILE are both set; unset one of them.");
  }
  if (keyOfEnvironment) return key(keyOfEnvironment, "WANDB_API_KEY");
  if (fileOfEnvironment) return token(fileOfEnvironment, "WANDB_IDENTITY_TOKEN_FILE");

  const netrc = netrcPath(env);
  const password = readPassword(netrc, machineOf(baseUrl), warn);
  return password === undefined ? undefined : key(password, netrc);
}

function key(value: string, source: string): Credentials {
  addSecret(value);
  addSecret(basic(value).slice("Basic ".length));
  const problem = keyProblem(value);
  if (problem !== undefined) refuse(`The API key of ${source} cannot be used: ${problem}.`);
  return { kind: "key", key: value, source };
}

const basic = (key: string): string => `Basic ${Buffer.from(`api:${key}`).toString("base64")}`;

/**
 * The `Authorization` of requests to the server: a function that is asked before each request. With an identity token it
 * exchanges that for an access token first when there is none that lasts; a refused token throws a `TraceletError`.
 *
 * @param post sends a request without credentials
 */
export function authorization(
  credentials: Credentials | undefined,
  { post }: { readonly post: Http["send"] },
): () => Promise<string | undefined> {
  if (credentials === undefined) return async () => undefined;
  if (credentials.kind === "key") {
    const value = basic(credentials.key);
    return async () => value;
  }
  const accessToken = accessTokens(credentials, post);
  return async () => `Bearer ${await accessToken()}`;
}

function refuse(message: string): never {
  throw new TraceletError("invalid-option", message, { backend: "wandb" });
}
