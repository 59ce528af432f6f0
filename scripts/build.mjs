/**
 * `npm run build`: the kernels to WebAssembly, the sources to a few bundled modules in `dist/`. Node loads one file in the
 * time that a hundred small ones take to be looked up, and a short query is mostly start-up. Types are checked apart.
 */

import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root, run } from "./setup.mjs";

mkdirSync(join(root, "dist"), { recursive: true });
run(process.execPath, [join(root, "scripts/build-kernels.mjs")]);

const options = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: true,
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
};
const product = {
  logmr: "src/cli/logmr.ts",
  "logmr-node": "src/cli/logmr-node.ts",
  worker: "src/node/adapters/threads/worker.ts",
  decompressor: "src/node/adapters/files/decompressor.ts",
};
const scripts = readdirSync(join(root, "scripts"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => [file.slice(0, -3), `scripts/${file}`]);

for (const folder of ["bin", "scripts"]) rmSync(join(root, "dist", folder), { recursive: true, force: true });
await build({ ...options, outdir: "dist/bin", entryPoints: product });
await build({
  ...options,
  outdir: "dist/scripts",
  entryPoints: { ...Object.fromEntries(scripts), "sample-log": "scripts/generate-log/sample.ts" },
});
for (const bin of ["logmr", "logmr-node"]) chmodSync(join(root, `dist/bin/${bin}.js`), 0o755);
