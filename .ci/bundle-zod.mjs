// Replaces dist/src/settings/zod.js by a tree-shaken bundle of the few zod functions we use.
// Importing the whole of zod 4 takes 45-55 ms, because every locale and JSON-schema module is loaded with it;
// the bundle takes 6 ms, and `import "tracelet"` has a budget of 40 ms (docs/architecture.md).
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const { version } = JSON.parse(readFileSync("node_modules/zod/package.json", "utf8"));

await build({
  entryPoints: ["src/settings/zod.ts"],
  outfile: "dist/src/settings/zod.js",
  allowOverwrite: true,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  legalComments: "none",
  banner: {
    js: `// Bundled from zod ${version} (MIT licence, Copyright Colin McDonnell) by .ci/bundle-zod.mjs.`,
  },
});
