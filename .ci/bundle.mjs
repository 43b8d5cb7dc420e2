// Bundles the package's entry points (its exports, and the logging worker) into dist/bundle, as shared chunks.
// Node takes almost half a millisecond to find and load a module, and there are about 50 on each thread; the whole of
// zod would take another 45 ms, where the few functions we use take 2, and of undici 73 instead of 23. `import "tracelet"` has a budget of 40 ms
// (docs/architecture.md). What is imported dynamically, such as a backend's code, stays a chunk of its own.
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";

const { bin, exports, dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;

/** "./dist/bundle/index.js" is made of what "./dist/src/index.d.ts" was made of. */
const entries = Object.values(exports)
  .filter((entry) => typeof entry === "object")
  .map((entry) => ({
    in: entry.types.replace("./dist/", "").replace(".d.ts", ".ts"),
    out: basename(entry.default, ".js"),
  }));

const banner = [
  `// Holds parts of zod ${versionOf("zod")} (MIT licence, Copyright Colin McDonnell)`,
  `// of undici ${versionOf("undici")} (MIT licence, Copyright Matteo Collina and contributors)`,
  `// and of hash-wasm ${versionOf("hash-wasm")} (MIT licence, Copyright Dani Biró).`,
  // undici is written for require().
  'import { createRequire as requireFrom } from "node:module";',
  "const require = requireFrom(import.meta.url);",
].join("\n");

/** Chunks are shared within a bundle only. */
const bundle = (entryPoints, options) =>
  build({
    entryPoints,
    ...options,
    outdir: "dist/bundle",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
    legalComments: "none",
    banner: { js: banner },
  });

rmSync("dist/bundle", { recursive: true, force: true });
// A thread has modules of its own: chunks shared with others would only be more files to find for each of them.
// It is started as the file beside the chunk that starts it.
const threads = [
  [{ in: "src/channel/worker.ts", out: "worker" }],
  [{ in: "backends/wandb/sender/sender-thread.ts", out: "sender-thread" }],
  [{ in: "backends/wandb/artifacts/digests/digest-thread.ts", out: "digest-thread" }],
  [{ in: "src/cli/main.ts", out: basename(bin.tracelet, ".js") }],
];
const external = {
  name: "parts of libraries",
  setup({ onResolve }) {
    onResolve({ filter: /^(undici|hash-wasm)$/ }, ({ path }) => ({ path: `./${path}.js`, external: true }));
  },
};
for (const entryPoints of [entries, ...threads]) await bundle(entryPoints, { plugins: [external] });
// Our own code keeps its form, for those who read a stack trace.
for (const library of ["undici", "hash-wasm"])
  await bundle([{ in: `.ci/${library}.mjs`, out: library }], { minifyWhitespace: true, minifySyntax: true });
chmodSync(bin.tracelet, 0o755);
