/**
 * `npm run build`: the kernels to WebAssembly, the sources to a few bundled modules in `dist/`. Node loads one file in the
 * time that a hundred small ones take to be looked up, and a short query is mostly start-up. Types are checked apart.
 */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { lazyBuiltins } from "./lazy-builtins.mjs";
import { root, run } from "./setup.mjs";

mkdirSync(join(root, "dist"), { recursive: true });
run(process.execPath, [join(root, "scripts/build-kernels.mjs")]);

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  logLevel: "warning",
};
const modules = {
  ...shared,
  splitting: true,
  packages: "external",
  format: "esm",
  sourcemap: true,
  chunkNames: "chunks/[name]-[hash]",
};
/**
 * CommonJS files with all that they need but gRPC, which only a cluster's clients load. Node starts them 5 ms sooner than
 * modules, and V8 can cache their code.
 */
const commonJs = {
  ...shared,
  format: "cjs",
  external: ["@grpc/*"],
  plugins: [lazyBuiltins],
  sourcemap: true,
  minifyWhitespace: true,
  minifySyntax: true,
  define: { "import.meta.url": "__moduleUrl" },
  banner: { js: 'const __moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
};
const product = {
  logmr: "src/cli/launch/logmr.ts",
  thread: "src/cli/launch/thread.ts",
  client: "src/cli/launch/client.ts",
  worker: "src/node/adapters/threads/worker.ts",
  decompressor: "src/node/adapters/files/decompressor.ts",
  inspector: "src/node/adapters/files/inspector.ts",
  solo: "src/node/adapters/isolation/solo.ts",
};
/** What libp2p needs: it has no other form than modules. */
const node = { ...modules, outExtension: { ".js": ".mjs" } };
const NODE_LAUNCHER = '#!/usr/bin/env node\nimport("./logmr-node.mjs");\n';
const scripts = readdirSync(join(root, "scripts"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => [file.slice(0, -3), `scripts/${file}`]);

for (const folder of ["bin", "scripts"]) rmSync(join(root, "dist", folder), { recursive: true, force: true });
await build({ ...commonJs, outdir: "dist/bin", entryPoints: product });
await build({ ...node, outdir: "dist/bin", entryPoints: { "logmr-node": "src/cli/logmr-node.ts" } });
writeFileSync(join(root, "dist/bin/logmr-node.js"), NODE_LAUNCHER);
writeFileSync(join(root, "dist/bin/package.json"), '{ "type": "commonjs" }\n');
await build({
  ...modules,
  outdir: "dist/scripts",
  entryPoints: { ...Object.fromEntries(scripts), "sample-log": "scripts/generate-log/sample.ts" },
});
for (const bin of ["logmr", "logmr-node"]) chmodSync(join(root, `dist/bin/${bin}.js`), 0o755);

const warmUp = spawnSync(process.execPath, [join(root, "dist/scripts/write-code-cache.js")], {
  stdio: ["ignore", "ignore", "inherit"],
});
if (warmUp.status !== 0) process.exit(1);
