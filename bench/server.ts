import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./paths.js";

/** A recording W&B server in a process of its own. */
export interface Server {
  readonly url: string;
  readonly key: string;
}

/** The variables a client finds the server by. */
export const serverVariables = ({ url, key }: Server): { readonly [name: string]: string } => ({
  WANDB_BASE_URL: url,
  WANDB_API_KEY: key,
  WANDB_SILENT: "true",
});

/** Does something with a server that is empty and warmed up by nobody. */
export async function withServer<Result>(work: (server: Server) => Promise<Result>): Promise<Result> {
  const program = join(ROOT, "test", "support", "wandb-server", "main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, "--quiet"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((done) => child.on("close", done));
  try {
    const values: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      values.push(line.slice(line.indexOf("=") + 1));
      if (values.length === 2) break;
    }
    const [url, key] = values as [string, string];
    return await work({ url, key });
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}
