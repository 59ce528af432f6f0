import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { VertexKey } from "../../../src/base/ids.js";
import { ForeignStoreError } from "../../../src/node/adapters/lmdb/environment.js";
import { openLmdbStore } from "../../../src/node/adapters/lmdb/store.js";
import type { VertexCacheOptions } from "../../../src/node/adapters/lmdb/vertex-cache.js";
import { putRecord, recordsOf } from "../../contract/store.js";

const VERTEX = "vertex" as VertexKey;
const PARTIAL = Buffer.from("a partial that is easy to find in the file".repeat(200));

const PAGE_BYTES = 4096;

let dataDir = "";
const storePath = (): string => join(dataDir, "store.lmdb");
const verticesPath = (): string => join(dataDir, "vertices.lmdb");

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "logmr-store-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function withStore<Result>(
  use: (opened: Awaited<ReturnType<typeof openLmdbStore>>) => Promise<Result>,
  options: Partial<VertexCacheOptions> = {},
): Promise<Result> {
  const opened = await openLmdbStore(dataDir, options);
  try {
    return await use(opened);
  } finally {
    await opened.store.close();
  }
}

const fill = (): Promise<void> =>
  withStore(async ({ store }) => {
    store.putVertex(VERTEX, PARTIAL);
    for (let index = 0; index < 50; index += 1) await putRecord(store, `job${index}`, "record".repeat(2_000));
  });

test("What was put is there after closing and opening", async () => {
  await fill();
  await withStore(async ({ store, damaged }) => {
    expect(damaged).toEqual([]);
    expect(Object.keys(recordsOf(store))).toHaveLength(50);
    expect(Buffer.compare(store.getVertex(VERTEX) ?? Buffer.alloc(0), PARTIAL)).toBe(0);
  });
});

test("A vertex with a flipped bit is as if it were absent", async () => {
  await fill();
  const file = readFileSync(verticesPath());
  const at = file.indexOf("easy to find");
  expect(at).toBeGreaterThan(0);
  file[at] = (file[at] ?? 0) ^ 1;
  writeFileSync(verticesPath(), file);
  await withStore(async ({ store }) => {
    expect(store.hasVertex(VERTEX)).toBe(false);
    expect(store.getVertex(VERTEX)).toBeUndefined();
  });
});

test.each([
  ["cut in half", () => truncateSync(storePath(), 256 * 1024)],
  ["cut to a few bytes", () => truncateSync(storePath(), 10)],
  ["overwritten with other bytes", () => writeFileSync(storePath(), Buffer.alloc(400_000, "not a database "))],
  ["zeroed", () => writeFileSync(storePath(), Buffer.alloc(400_000))],
])("A store that was %s is moved aside or comes up empty, and the node starts", async (_how, damage) => {
  await fill();
  damage();
  await withStore(async ({ store, damaged }) => {
    if (damaged[0] !== undefined) {
      expect(damaged[0].reason).not.toBe("");
      expect(readdirSync(dataDir)).toContain("store.lmdb.damaged-1");
    }
    expect(recordsOf(store)).toEqual({});
    expect(await putRecord(store, "new", "record")).toBe(true);
    expect(recordsOf(store)).toEqual({ new: "record" });
  });
});

test("A truncated store is said to be damaged, and why", async () => {
  await fill();
  truncateSync(storePath(), 256 * 1024);
  await withStore(async ({ damaged }) => {
    expect(damaged[0]?.reason).toMatch(/cut short|SIGBUS|corrupt/i);
  });
});

test("A store whose list of free pages is damaged is moved aside: it would read well and keep nothing", async () => {
  await fill();
  await withStore(async ({ store }) => {
    for (let index = 0; index < 50; index += 1) await putRecord(store, `job${index}`, "other".repeat(3_000));
  });
  zeroFreeList(storePath());
  await withStore(async ({ store, damaged }) => {
    expect(damaged[0]?.reason).toMatch(/MDB_|SIG/);
    for (let index = 0; index < 50; index += 1) expect(await putRecord(store, `new${index}`, "record")).toBe(true);
  });
});

/** LMDB's two meta pages have the root of the list of free pages at byte 88 and the transaction's number at byte 152. */
function zeroFreeList(path: string): void {
  const file = readFileSync(path);
  const metas = [0, PAGE_BYTES].map((at) => ({
    transaction: file.readBigUInt64LE(at + 152),
    root: Number(file.readBigUInt64LE(at + 88)),
  }));
  const newest = metas.reduce((one, other) => (other.transaction > one.transaction ? other : one));
  expect(newest.root).toBeGreaterThan(1);
  file.fill(0, newest.root * PAGE_BYTES, (newest.root + 1) * PAGE_BYTES);
  writeFileSync(path, file);
}

test("Vertices are moved aside of which one has a damaged length: whoever reads by it dies", async () => {
  await fill();
  lengthenValue(verticesPath(), VERTEX);
  await withStore(async ({ store, damaged }) => {
    expect(damaged).toEqual([{ movedTo: `${verticesPath()}.damaged-1`, reason: expect.stringMatching(/SIG/) }]);
    expect(Object.keys(recordsOf(store))).toHaveLength(50);
    expect(store.hasVertex(VERTEX)).toBe(false);
    store.putVertex(VERTEX, PARTIAL);
    expect(store.hasVertex(VERTEX)).toBe(true);
  });
});

/** LMDB writes the low half of a value's length, its high half, flags and the length of the key in front of the key. */
function lengthenValue(path: string, key: string): void {
  const file = readFileSync(path);
  const header = file.indexOf(key) - 8;
  expect(file.readUInt16LE(header) + 65_536 * file.readUInt16LE(header + 2)).toBe(PARTIAL.length + 4);
  file.writeUInt16LE(0x2000, header + 2);
  writeFileSync(path, file);
}

test("A vertex is in the file as soon as it was put: what a process leaves that is killed in this moment", async () => {
  const left = mkdtempSync(join(tmpdir(), "logmr-left-"));
  await withStore(({ store }) => {
    for (let index = 0; index < 20; index += 1) store.putVertex(`vertex-${index}` as VertexKey, PARTIAL);
    copyFileSync(verticesPath(), join(left, "vertices.lmdb"));
    return Promise.resolve();
  });
  rmSync(dataDir, { recursive: true });
  dataDir = left;
  await withStore(({ store, damaged }) => {
    expect(damaged).toEqual([]);
    for (let index = 0; index < 20; index += 1) {
      expect(Buffer.compare(store.getVertex(`vertex-${index}` as VertexKey) ?? Buffer.alloc(0), PARTIAL)).toBe(0);
    }
    return Promise.resolve();
  });
});

test("A file of another program is refused by name, and left as it was", async () => {
  const foreign = open({ path: storePath(), noSubdir: true });
  await foreign.put("hello", { of: "somebody else" });
  await foreign.close();
  const before = readFileSync(storePath());
  await expect(openLmdbStore(dataDir)).rejects.toThrow(ForeignStoreError);
  await expect(openLmdbStore(dataDir)).rejects.toThrow(/store\.lmdb is an LMDB file, but no store .*hello.*--data-dir/);
  expect(Buffer.compare(readFileSync(storePath()), before)).toBe(0);
});

test("A store that was opened and never written to is one of ours", async () => {
  await withStore(() => Promise.resolve());
  await withStore(async ({ damaged }) => expect(damaged).toEqual([]));
});

test.each([
  ["a twentieth of a small disk", 20_000_000, 1_000_000],
  ["a gibibyte of a large one", 2 ** 40, 2 ** 30],
])("Vertices leave %s free, and records are kept all the same", async (_what, totalBytes, spared) => {
  const other = "other" as VertexKey;
  const next = "next" as VertexKey;
  const disk = () => ({ freeBytes: spared + PARTIAL.length + 1, totalBytes });
  await withStore(
    async ({ store }) => {
      store.putVertex(other, PARTIAL);
      store.putVertex(next, PARTIAL);
      expect([store.hasVertex(other), store.hasVertex(next)]).toEqual([true, false]);
      expect(await putRecord(store, "still", "kept")).toBe(true);
    },
    { disk },
  );
});

test("Nothing is written to a disk that has no room for it, and records are refused", async () => {
  let freeBytes = 10 * 1024 ** 2;
  const disk = () => ({ freeBytes, totalBytes: 20 * 1024 ** 2 });
  await withStore(
    async ({ store }) => {
      expect(await putRecord(store, "before", "kept")).toBe(true);
      freeBytes = 100_000;
      expect(await putRecord(store, "full", "refused")).toBe(false);
      expect(recordsOf(store)).toEqual({ before: "kept" });
      freeBytes = 1024 ** 2;
      expect(await putRecord(store, "after", "kept again")).toBe(true);
      expect(recordsOf(store)).toEqual({ before: "kept", after: "kept again" });
    },
    { disk },
  );
});

test("Over its quota the store keeps records and no more vertices", async () => {
  await fill();
  const other = "other" as VertexKey;
  await withStore(
    async ({ store }) => {
      store.putVertex(other, PARTIAL);
      expect(store.hasVertex(other)).toBe(false);
      expect(await putRecord(store, "still", "kept")).toBe(true);
    },
    { vertexQuotaBytes: 1_000 },
  );
});

/** Puts what is on its way on the disk: writes go there in the order of the calls. */
const written = (store: Parameters<typeof putRecord>[0]): Promise<boolean> => putRecord(store, "behind", "them");

test("Over its quota the vertices go that were not used for longest, in this life or before", async () => {
  const keys = Array.from({ length: 12 }, (_, index) => `vertex-${index}` as VertexKey);
  const [first, second, ...others] = keys;
  if (first === undefined || second === undefined) throw new Error("there are keys");
  await withStore(async ({ store }) => {
    store.putVertex(first, PARTIAL);
    store.putVertex(second, PARTIAL);
    await written(store);
  });
  await withStore(
    async ({ store }) => {
      for (const key of others) {
        expect(store.getVertex(first)).toBeDefined();
        store.putVertex(key, PARTIAL);
        await written(store);
      }
      expect(store.hasVertex(first)).toBe(true);
      expect(store.hasVertex(second)).toBe(false);
      const kept = others.map((key) => store.hasVertex(key));
      expect(kept.at(-1)).toBe(true);
      expect(kept.indexOf(true)).toBeGreaterThan(0);
      expect(kept.slice(kept.indexOf(true))).not.toContain(false);
    },
    { vertexQuotaBytes: 8 * PARTIAL.length },
  );
});
