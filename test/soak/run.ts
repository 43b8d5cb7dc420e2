import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SOAKS } from "./soaks.js";

// The long versions of the fault tests, by hand: `npm run soak`, or `npm run soak -- kills memory` for some of them.

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(SOAKS, name));
if (unknown.length > 0) {
  console.error(`no soak named ${unknown.join(", ")}; there are ${Object.keys(SOAKS).join(", ")}`);
  process.exit(1);
}

let failed = 0;
for (const [name, soak] of Object.entries(SOAKS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const dir = mkdtempSync(join(tmpdir(), `tracelet-soak-${name}-`));
  const started = performance.now();
  const took = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  try {
    console.log(`ok    ${name}: ${await soak(dir)} (${took()})`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}: ${(error as Error).message} (${took()})`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
process.exitCode = failed === 0 ? 0 : 1;
