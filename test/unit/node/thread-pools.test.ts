import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../../src/base/package-root.js";
import { FORMATS } from "../../../src/engine/formats/formats.js";
import type { MapPlan } from "../../../src/engine/plan.js";
import { compileQuery } from "../../../src/engine/sql/compile-query.js";
import { EmbeddedPool } from "../../../src/node/adapters/threads/embedded-pool.js";
import { ThreadPool } from "../../../src/node/adapters/threads/thread-pool.js";
import { THREAD_PROGRAM } from "../../../src/node/adapters/threads/thread-program.js";
import { fieldsOfFormats } from "../../../src/node/format-fields.js";
import type { MapPool, PartialHandle, ScanRange } from "../../../src/node/ports/map-pool.js";

const FAULTS = join(packageRoot(), "test/faults/deadly-reads.cjs");
/** Far more than a step takes, also on a busy machine, and short enough to wait for four times. */
const PATIENCE_MS = 3_000;
const PROGRAM = { ...THREAD_PROGRAM, nodeFlags: ["--require", FAULTS], patienceMs: PATIENCE_MS };
const CHUNK_BYTES = 4 * 1024 * 1024;
const MEMORY_BYTES = 2 ** 30;
const DEADLY_BYTE = CHUNK_BYTES + 1_500_000;
const LINE = '10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] "GET / HTTP/1.1" 200 7 "-" "agent"\n';
const BYTES = LINE.length * Math.floor((3.5 * CHUNK_BYTES) / LINE.length);

const directory = mkdtempSync(join(tmpdir(), "logmr-pools-"));
const realPath = join(directory, "a.log");
beforeAll(() => {
  writeFileSync(realPath, LINE.repeat(BYTES / LINE.length));
  // This process scans too: it gets the same faults as its threads and children.
  createRequire(import.meta.url)(FAULTS);
});
afterEach(() => {
  delete process.env.DEADLY_READ;
});
afterAll(() => rmSync(directory, { recursive: true }));

const { map } = compileQuery("SELECT status, count(*) GROUP BY status", {
  nowMs: 0,
  fields: fieldsOfFormats(FORMATS.map(({ name }) => name)),
}) as { readonly map: MapPlan };

const range: ScanRange = {
  realPath,
  format: "combined",
  start: 0,
  end: BYTES,
  scanSize: BYTES,
  fileName: realPath,
  nodeName: null,
  fileIndex: 0,
};

const scan = (pool: MapPool): Promise<PartialHandle> =>
  new Promise((resolve, reject) => {
    pool.scan({ work: "vertex", map, ranges: [range] }, { onDone: resolve, onFailed: reject });
  });

/** The sealed partial of the undisturbed file. */
async function soundPartial(): Promise<Uint8Array> {
  const pool = new EmbeddedPool(1, MEMORY_BYTES);
  try {
    return (await scan(pool)).encoded();
  } finally {
    pool.close();
  }
}

const harm = (how: string, times?: number): void => {
  const counter = join(directory, `counter-${how}-${times}-${performance.now()}`);
  process.env.DEADLY_READ = JSON.stringify({ how, file: "a.log", at: DEADLY_BYTE, times, counter });
};

const openNodePool = (): ThreadPool =>
  new ThreadPool(1, { bytes: MEMORY_BYTES, directory, wayOut: "" }, { program: PROGRAM });

const POOLS: readonly (readonly [string, () => MapPool & { close(): unknown }])[] = [
  ["a node", openNodePool],
  ["a process that scans itself", () => new EmbeddedPool(1, MEMORY_BYTES, PROGRAM)],
];

describe.each(POOLS)("The pool of %s", (_which, open) => {
  test.each([
    ["hangs", "hang", 1],
    ["traps", "trap", 1],
    ["dies, and two processes after it", "throw", 3],
  ])("gives the very bytes of an undisturbed scan when a thread %s", async (_what, how, times) => {
    const sound = await soundPartial();
    harm(how, times);
    const pool = open();
    try {
      const partial = await scan(pool);
      expect(partial.skipped).toEqual([]);
      expect(Buffer.compare(partial.encoded(), sound)).toBe(0);
    } finally {
      await pool.close();
    }
  });

  test("reports an error that has a name as it is, without trying again", async () => {
    const pool = open();
    try {
      const missing = { ...range, realPath: join(directory, "missing.log") };
      const scanned = new Promise((resolve, reject) => {
        pool.scan({ work: "vertex", map, ranges: [missing] }, { onDone: resolve, onFailed: reject });
      });
      await expect(scanned).rejects.toMatchObject({ name: "InputError", code: "missing" });
    } finally {
      await pool.close();
    }
  });
});

test("A chunk in which every process hangs is left out", async () => {
  harm("hang");
  const pool = openNodePool();
  try {
    const partial = await scan(pool);
    expect(partial.skipped).toEqual([{ file: 0, start: CHUNK_BYTES, end: 2 * CHUNK_BYTES }]);
  } finally {
    await pool.close();
  }
});
