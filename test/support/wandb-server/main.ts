import { startWandbServer } from "./server.js";

/**
 * Runs the server alone: `npx tsx test/support/wandb-server/main.ts --port 0`. It prints the variables a client needs,
 * then (without `--quiet`) every request it gets.
 */
const index = process.argv.indexOf("--port");
const server = await startWandbServer({ port: index < 0 ? 0 : Number(process.argv[index + 1]) });
console.log(`WANDB_BASE_URL=${server.url}`);
console.log(`WANDB_API_KEY=${server.apiKey}`);

let printed = 0;
const quiet = process.argv.includes("--quiet");
const timer = setInterval(() => {
  if (quiet) return;
  for (; server.requests[printed]?.status !== undefined; printed++) {
    const { host, method, path, operation, status, error } = server.requests[printed]!;
    console.log(host, method, operation ?? path, status, error ?? "");
  }
}, 100);
process.on("SIGINT", () => {
  clearInterval(timer);
  void server.close();
});
