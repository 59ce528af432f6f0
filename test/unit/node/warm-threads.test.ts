import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ThreadPool } from "../../../src/node/adapters/threads/thread-pool.js";
import type { MapPool, PartialHandle, ScanTask } from "../../../src/node/ports/map-pool.js";
import { warmThreads, warmUpLines } from "../../../src/node/warm-threads.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-warm-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** A pool whose scans are given to `scan`. */
function poolOf(threads: number, scan: (task: ScanTask) => Error | undefined): MapPool {
  const events: MapPool["scan"] = (task, { onDone, onFailed }) => {
    const error = scan(task);
    if (error === undefined) onDone({ encoded: () => new Uint8Array() } satisfies PartialHandle);
    else onFailed(error);
    return () => undefined;
  };
  const never = (): never => {
    throw new Error("only scans are expected");
  };
  const slices = { isSliceable: never, sizeOf: never, slice: never };
  return { threads, scan: events, merge: never, finish: never, slices };
}

test("Each thread scans the built-in lines, which are all of the format, and no file is left", async () => {
  const pool = new ThreadPool(2, { bytes: 2 ** 28, directory, wayOut: "" });
  const tasks: ScanTask[] = [];
  const scans = poolOf(2, (task) => void tasks.push(task));
  await warmThreads(scans, directory);
  expect(tasks).toHaveLength(2);
  const [task] = tasks;
  expect(readdirSync(directory)).toEqual([]);
  const path = join(directory, "again.log");
  writeFileSync(path, warmUpLines());
  try {
    const ranges = task?.ranges.map((range) => ({ ...range, realPath: path })) ?? [];
    const { map, work } = task ?? { map: undefined, work: "" };
    if (map === undefined) throw new Error("nothing was scanned");
    const partial = new Promise<PartialHandle>((onDone, onFailed) => {
      pool.scan({ work, map, ranges }, { onDone, onFailed });
    });
    expect((await partial).encoded().length).toBeGreaterThan(1_000);
  } finally {
    await pool.close();
    rmSync(path);
  }
});

test("A node starts although its threads cannot scan, or its directory cannot be written to", async () => {
  await warmThreads(
    poolOf(1, () => new Error("no memory")),
    directory,
  );
  expect(readdirSync(directory)).toEqual([]);
  await warmThreads(
    poolOf(1, () => undefined),
    join(directory, "missing"),
  );
});
