/** `npm run build`: the kernels to WebAssembly, the sources to `dist/`. */

import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./setup.mjs";

mkdirSync(join(root, "dist"), { recursive: true });
run(process.execPath, [join(root, "scripts/build-kernels.mjs")]);
run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--project", root]);

for (const bin of ["logmr", "logmr-node"]) chmodSync(join(root, `dist/src/cli/${bin}.js`), 0o755);
