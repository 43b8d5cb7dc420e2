import { clean } from "../../../src/cli/page.js";
import { addSecret } from "../../../src/collectors/secrets.js";
import { messageOf } from "../../../src/errors.js";
import { appUrl, DEFAULT_BASE_URL } from "../server/address.js";
import { keyProblem } from "../server/api-key.js";
import { type Credentials, resolveCredentials } from "../server/credentials.js";
import { machineOf, netrcPath, writePassword } from "../server/netrc.js";
import { queryViewer } from "../server/viewer.js";
import { changeSettingsFile } from "../settings/settings-file.js";
import { settingsFiles } from "../settings/sources.js";
import { askKey } from "./ask-key.js";
import { connect, impatient, isRefused, readSurroundings, type Surroundings } from "./connect.js";

export interface LoginOptions {
  readonly host?: string;
  readonly relogin?: boolean;
  readonly verify: boolean;
}

/**
 * `tracelet wandb login`: keeps an API key in the netrc file, where the official client looks for it, too. Resolves with
 * the exit code.
 */
export async function login(given: string | undefined, options: LoginOptions): Promise<number> {
  const server = readSurroundings(options.host);
  const { baseUrl } = server;
  if (given === undefined && !options.relogin) {
    let known: Credentials | undefined;
    try {
      known = resolveCredentials({}, baseUrl, process.env, say);
    } catch (error) {
      say(`${messageOf(error)} ${REFUSED_ADVICE}`);
      return 1;
    }
    if (known !== undefined) {
      const user = await checkedUser(server, known, options.verify);
      if (user === undefined) return 1;
      keepHost(options.host, baseUrl);
      say(`logged in to ${baseUrl}${user} already, by ${known.source}; --relogin asks for another key`);
      return 0;
    }
  }
  if (given !== undefined) {
    addSecret(given);
    say(
      "a key on the command line can be seen by everybody on this machine and stays in the shell's history; " +
        "without it, `tracelet wandb login` asks for it",
    );
  }
  const key = given ?? (await ask(server));
  if (key === undefined) return 1;
  addSecret(key);
  const problem = keyProblem(key);
  if (problem !== undefined) {
    say(`${problem}; nothing was changed`);
    return 1;
  }
  const user = await checkedUser(server, { kind: "key", key, source: GIVEN }, options.verify);
  if (user === undefined) return 1;
  const netrc = netrcPath(process.env);
  writePassword(netrc, machineOf(baseUrl), key);
  keepHost(options.host, baseUrl);
  say(`logged in to ${baseUrl}${user}; the key is in ${netrc}`);
  for (const variable of ["WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE"])
    if (process.env[variable]) say(`${variable} is set and comes before the key in that file`);
  return 0;
}

const GIVEN = "this login";
const REFUSED_ADVICE = "nothing was changed; `tracelet wandb login --relogin` asks for another";

const say = (line: string): void => void process.stderr.write(`${clean(line)}\n`);

async function ask({ baseUrl, values }: Surroundings): Promise<string | undefined> {
  if (!process.stdin.isTTY) {
    say(
      "there is no terminal to ask for an API key. Set WANDB_API_KEY where scripts run, or run `tracelet wandb login` in a " +
        "terminal once",
    );
    return undefined;
  }
  const key = await askKey(
    `Your API key is at ${appUrl(baseUrl, process.env["WANDB_APP_URL"])}/authorize\nPaste it and press Enter (it is not shown): `,
    values.loginTimeout,
  );
  if (key === undefined) say("nothing was changed");
  return key;
}

/** Text that names the user, empty without verification; undefined, and said why, when the credentials do not work. */
async function checkedUser(
  server: Surroundings,
  credentials: Credentials,
  verify: boolean,
): Promise<string | undefined> {
  if (!verify) return "";
  const connection = connect(server, credentials);
  try {
    const viewer = await queryViewer(connection.graphql, { policy: impatient(server) });
    if (viewer !== undefined) return ` as ${viewer.username ?? viewer.entity}`;
    say(`${server.baseUrl} does not know the key of ${credentials.source}; ${REFUSED_ADVICE}`);
  } catch (error) {
    const reason = messageOf(error);
    if (isRefused(error)) {
      say(`${server.baseUrl} refuses the key of ${credentials.source} (${reason}); ${REFUSED_ADVICE}`);
    } else {
      say(`${server.baseUrl} cannot be asked: ${reason}; --no-verify keeps the key without asking`);
    }
  } finally {
    await connection.close();
  }
  return undefined;
}

/** The server that was given becomes the one of this user, as with the official client. */
function keepHost(host: string | undefined, baseUrl: string): void {
  if (host === undefined) return;
  const { user, local } = settingsFiles(process.env, process.cwd());
  changeSettingsFile(local, "base_url", undefined);
  changeSettingsFile(user, "base_url", baseUrl === DEFAULT_BASE_URL ? undefined : baseUrl);
}
