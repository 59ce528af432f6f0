/**
 * Generates src/generated from proto/: types and service definitions by ts-proto, and the descriptor set that server
 * reflection serves. `--check` compares with what is there instead and fails on a difference, as it does on what `buf
 * lint` finds and on a change that clients written against proto/accepted.binpb would not survive. `--accept` makes that
 * image anew: a decision to be written down when it breaks any.
 */

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const generated = join(root, "src", "generated");

function buf(...parameters) {
  const binaries = join(root, "node_modules", ".bin");
  return execFileSync(join(binaries, "buf"), parameters, {
    cwd: join(root, "proto"),
    env: { ...process.env, PATH: `${binaries}:${process.env.PATH}` },
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 64 * 1024 * 1024,
  });
}

function generateInto(directory) {
  buf("generate", "--template", "buf.gen.yaml", "--output", directory);
  const descriptors = buf("build", "--exclude-source-info", "--output", "-").toString("base64");
  const lines = descriptors.match(/.{1,110}/g).map((line) => `  "${line}",`);
  writeFileSync(
    join(directory, "descriptor-set.ts"),
    `// Generated from proto/ by scripts/generate-protos.mjs. Do not edit.
/** The google.protobuf.FileDescriptorSet of package logmr.v1, in base64. */
export const descriptorSetBase64 = [
${lines.join("\n")}
].join("");
`,
  );
}

const filesBelow = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();

function describeDifference(expected, actual) {
  const names = new Set([...filesBelow(expected), ...filesBelow(actual)]);
  const read = (directory, name) => {
    try {
      return readFileSync(join(directory, name), "utf8");
    } catch {
      return undefined;
    }
  };
  return [...names].filter((name) => read(expected, name) !== read(actual, name));
}

/** The descriptor set that clients may have been written against; committed, so that a clone without history can compare. */
const ACCEPTED = "accepted.binpb";

function checkContract() {
  for (const check of [["lint"], ["breaking", "--against", ACCEPTED]]) {
    try {
      buf(...check);
    } catch (error) {
      console.error(`buf ${check[0]} does not accept proto/:\n${error.stdout}`);
      process.exitCode = 1;
    }
  }
}

const scratch = mkdtempSync(join(tmpdir(), "logmr-protos-"));
try {
  generateInto(scratch);
  if (process.argv.includes("--accept")) buf("build", "--exclude-source-info", "--output", ACCEPTED);
  if (process.argv.includes("--check")) {
    checkContract();
    const different = describeDifference(scratch, generated);
    if (different.length > 0) {
      console.error(`src/generated is not what proto/ says (${different.join(", ")}): run npm run generate`);
      process.exitCode = 1;
    }
  } else {
    rmSync(generated, { recursive: true, force: true });
    cpSync(scratch, generated, { recursive: true });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
