/** Damaged gzip files: the exact answer, or an InputError; a few, since each is a whole query with a thread of its own. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { compressionOf, sampleOf } from "../../src/node/adapters/files/compression.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import { expectSame, FuzzError, unlessRefused } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { mutateBytes } from "./mutate.js";

const TEXT = Buffer.from("one\ntwo\nthree\n".repeat(50));
const MEMBER = gzipSync(TEXT);
const FILES = [
  MEMBER,
  Buffer.concat([MEMBER, MEMBER]),
  Buffer.concat([MEMBER, Buffer.alloc(20)]),
  gzipSync(Buffer.alloc(0)),
];

/** Lines of what the runtime makes of a whole file; undefined if it is damaged. */
function linesOf(bytes: Uint8Array): number | undefined {
  try {
    return gunzipSync(bytes).toString("latin1").split("\n").slice(0, -1).length;
  } catch {
    return undefined;
  }
}

export const GZIP: FuzzTarget = {
  name: "gzip",
  weight: 0.05,
  async run(random) {
    const bytes = mutateBytes(random.pick(FILES), random);
    unlessRefused(["InputError"], bytes, () => {
      const compression = compressionOf("x", bytes);
      return compression === undefined ? undefined : sampleOf("x", compression, bytes, 1000).length;
    });
    const folder = mkdtempSync(join(tmpdir(), "logmr-fuzz-"));
    try {
      const file = join(folder, "x.gz");
      writeFileSync(file, bytes);
      const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
      const expected = isGzip ? linesOf(bytes) : undefined;
      const { table } = await runEmbedded({ sql: "SELECT count(*)", files: [file], format: "plain", threads: 1 });
      if (isGzip) expectSame("lines", Number(table.rows[0]?.[0]), expected, bytes);
    } catch (error) {
      if (!(error instanceof Error) || !["InputError", "ScanError"].includes(error.name)) throw error;
      if (error instanceof FuzzError) throw error;
      const expected = linesOf(bytes);
      if (expected !== undefined) throw new FuzzError(`refused though it is sound: ${error.message}`, bytes);
    } finally {
      rmSync(folder, { recursive: true });
    }
    return 1;
  },
};
