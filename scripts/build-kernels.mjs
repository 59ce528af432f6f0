/** Compiles the AssemblyScript kernels to `dist/kernels.wasm`. Plain JavaScript: it runs before anything is built. */

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
mkdirSync(join(root, "dist"), { recursive: true });

// The memory is the host's: shared, so that other threads merge its rows without a copy through messages.
const { error, stderr } = await asc.main([
  "src/engine/kernels/assembly/index.ts",
  "--baseDir",
  root,
  "--outFile",
  "dist/kernels.wasm",
  "--runtime",
  "stub",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "16",
  "--maximumMemory",
  "65536",
  "--enable",
  "simd",
  "--enable",
  "threads",
  "--enable",
  "bulk-memory",
  "--optimizeLevel",
  "3",
  "--shrinkLevel",
  "0",
  "--noAssert",
  "--use",
  "abort=",
]);
if (error) {
  process.stderr.write(`${stderr.toString()}\n${error.message}\n`);
  process.exitCode = 1;
}
