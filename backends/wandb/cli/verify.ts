import { clean } from "../../../src/cli/page.js";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { resolveCredentials } from "../server/credentials.js";
import { connect, readSurroundings } from "./connect.js";
import { STEPS, type Verification } from "./verify-steps.js";

export interface VerifyOptions {
  readonly host?: string;
  readonly project: string;
}

/**
 * `tracelet wandb verify`: uses a server as a run would, a line for each step with its time. Resolves with the exit code:
 * 0 when everything works.
 */
export async function verify({ host, project }: VerifyOptions): Promise<number> {
  const server = readSurroundings(host);
  const credentials = resolveCredentials({}, server.baseUrl, process.env, (message) => print(message));
  if (credentials === undefined) {
    throw new TraceletError("invalid-option", "there is no API key; `tracelet wandb login` asks for it", {
      backend: "wandb",
    });
  }
  print(`${server.baseUrl}, with the credentials of ${credentials.source}`);
  const connection = connect(server, credentials);
  const verification: Verification = { server, connection, project, entity: "", run: undefined };
  try {
    let failed = false;
    for (const { name, take, advice } of STEPS) {
      // A run that was made is deleted whatever came after.
      if (failed && (name !== "clean-up" || verification.run === undefined)) continue;
      const started = performance.now();
      const line = (mark: string, text: string): void =>
        print(
          `${mark}  ${name.padEnd(12)}${`${Math.round(performance.now() - started)} ms`.padStart(9)}  ${text}`,
        );
      try {
        line("ok    ", await take(verification));
      } catch (error) {
        failed = true;
        line("FAILED", `${messageOf(error)}; ${advice}`);
      }
    }
    print(failed ? "this server cannot be used as it is" : "this server can be used");
    return failed ? 1 : 0;
  } finally {
    await connection.close();
  }
}

const print = (line: string): void => void process.stdout.write(`${clean(line)}\n`);
