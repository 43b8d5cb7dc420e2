// Adds to package-lock.json the optional packages of other platforms that `npm install` left out.
// A registry that does not carry them makes `npm install` write a lock file that `npm ci` then refuses ("Missing: ...
// from lock file"). Their versions are pinned by the packages that want them; `npm ci` skips them by os, cpu and libc.
// Run it after every `npm install`: node .ci/complete-lockfile.mjs
import { readFileSync, writeFileSync } from "node:fs";

const OS = [
  "android",
  "darwin",
  "linux",
  "win32",
  "freebsd",
  "openbsd",
  "netbsd",
  "sunos",
  "aix",
  "openharmony",
];
const CPU = ["arm64", "x64", "ia32", "arm", "ppc64", "riscv64", "s390x", "loong64", "mips64el", "wasm32"];

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const { packages } = lock;
let added = 0;

for (const [path, parent] of Object.entries({ ...packages })) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`;
    if (packages[nested] !== undefined || packages[`node_modules/${name}`] !== undefined) continue;
    const words = name.replace(/^fsevents$/, "darwin").split(/[^a-z0-9]+/);
    const os = OS.filter((word) => words.includes(word));
    const cpu = CPU.filter((word) => words.includes(word) || (word === "ppc64" && words.includes("ppc64le")));
    if (words.includes("wasi") || words.includes("wasm32")) cpu.splice(0, cpu.length, "wasm32");
    if (os.length === 0 && cpu.length === 0) continue;
    packages[`node_modules/${name}`] = {
      version: range.replace(/^[~^]/, ""),
      ...(cpu.length > 0 && { cpu }),
      ...(parent.dev && { dev: true }),
      ...(words.some((word) => word.startsWith("musl")) && { libc: ["musl"] }),
      optional: true,
      ...(os.length > 0 && { os }),
    };
    added++;
  }
}

const [root, ...rest] = Object.entries(packages);
rest.sort(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = Object.fromEntries([root, ...rest]);
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} optional packages of other platforms added`);
