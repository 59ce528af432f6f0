import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ManifestFile } from "../../../src/job/manifest.js";
import { LEAF_BYTES } from "../../../src/job/tree.js";
import { foldDigests, spanRangeLevel } from "../../../src/job/vertex-key.js";
import { DirectoryCatalog } from "../../../src/node/adapters/files/source-catalog.js";
import type { FileDescription, FileQuestion, OpenOutcome } from "../../../src/node/ports/source-catalog.js";

let parent = "";
let logs = "";
let catalog: DirectoryCatalog;

/** An hour after everything that the tests write, unless a test says otherwise. */
let wallMs = 0;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "logmr-catalog-"));
  logs = join(parent, "logs");
  mkdirSync(join(logs, "deep/deeper"), { recursive: true });
  wallMs = Date.now() + 3_600_000;
  const clock = { nowMs: () => 0, wallMs: () => wallMs };
  catalog = new DirectoryCatalog([{ name: "web", shared: true, directory: logs }], clock);
});
afterEach(async () => {
  await catalog.close();
  rmSync(parent, { recursive: true });
});

const describeGlob = (
  glob: string,
  source = "web",
  detail: FileQuestion["detail"] = "versions",
): Promise<readonly FileDescription[]> => new Promise((resolve) => catalog.describe({ source, glob, detail }, resolve));

const pathsOf = async (glob: string): Promise<readonly string[]> => (await describeGlob(glob)).map(({ path }) => path);

async function manifestFileOf(path: string, spanLevel = 0): Promise<ManifestFile> {
  const [file] = await describeGlob(path);
  if (file === undefined) throw new Error(`no ${path}`);
  const { leafDigests, problem: _none, ...rest } = file;
  const level = spanRangeLevel({ kind: "range", level: spanLevel }, file.scanSize);
  return { ...rest, source: "web", node: null, spanDigests: foldDigests(leafDigests, level) };
}

describe("describing", () => {
  test("finds files by glob, in order, and nothing that is not a regular file of the directory", async () => {
    for (const path of ["b.log", "a.log", ".hidden.log", "a.txt", "deep/c.log", "deep/deeper/d.log"]) {
      writeFileSync(join(logs, path), "line\n");
    }
    writeFileSync(join(parent, "secret.log"), "secret\n");
    symlinkSync(join(parent, "secret.log"), join(logs, "escape.log"));
    symlinkSync(parent, join(logs, "escape"));
    symlinkSync("a.log", join(logs, "z-inside.log"));
    symlinkSync("nowhere", join(logs, "dangling.log"));
    symlinkSync("loop.log", join(logs, "loop.log"));
    mkdirSync(join(logs, "directory.log"));
    execFileSync("mkfifo", [join(logs, "fifo.log")]);
    expect(await pathsOf("*.log")).toEqual(["a.log", "b.log", "z-inside.log"]);
    expect(await pathsOf("**/*.log")).toEqual(["a.log", "b.log", "deep/c.log", "deep/deeper/d.log", "z-inside.log"]);
    expect(await pathsOf("deep/*.log")).toEqual(["deep/c.log"]);
    for (const hostile of [
      "../*",
      "../secret.log",
      "escape/*",
      "escape/secret.log",
      join(parent, "secret.log"),
      "",
      ".",
    ]) {
      expect(await pathsOf(hostile)).toEqual([]);
    }
    expect(await describeGlob("*", "other")).toEqual([]);
  });

  test.each([
    ["ends with a newline, just written", "one\ntwo\n", 0, { size: 8, scanSize: 8, sealedSize: 8 }],
    ["ends in mid-line, just written", "one\ntw", 9_000, { size: 6, scanSize: 4, sealedSize: 4 }],
    ["ends in mid-line, left alone", "one\ntw", 10_000, { size: 6, scanSize: 6, sealedSize: 4 }],
    ["has no newline, left alone", "one", 60_000, { size: 3, scanSize: 3, sealedSize: 0 }],
    ["has no newline, just written", "one", 0, { size: 3, scanSize: 0, sealedSize: 0 }],
    ["is empty", "", 0, { size: 0, scanSize: 0, sealedSize: 0 }],
  ])("gives the sizes of a file that %s", async (_what, content, ageMs, sizes) => {
    writeFileSync(join(logs, "a.log"), content);
    utimesSync(join(logs, "a.log"), 1_000, 1_000);
    wallMs = 1_000_000 + ageMs;
    expect(await describeGlob("a.log")).toMatchObject([{ ...sizes, mtimeMs: 1_000_000, format: "plain" }]);
  });

  test("finds the last newline of a file whose last line is longer than any block", async () => {
    writeFileSync(join(logs, "a.log"), `first\n${"x".repeat(200_000)}`);
    expect(await describeGlob("a.log")).toMatchObject([{ sealedSize: 6, scanSize: 200_006 }]);
  });

  test("has one digest a leaf, of its first page", async () => {
    const content = Buffer.alloc(2 * LEAF_BYTES + 10, "line of a log\n");
    writeFileSync(join(logs, "a.log"), content);
    content[LEAF_BYTES + 5_000] = 0;
    writeFileSync(join(logs, "b.log"), content);
    content[LEAF_BYTES] = 0;
    writeFileSync(join(logs, "c.log"), content);
    const [a, b, c] = await describeGlob("*.log");
    expect(a?.leafDigests).toHaveLength(3);
    expect(b?.leafDigests).toEqual(a?.leafDigests);
    expect(c?.leafDigests.map((digest, leaf) => digest === a?.leafDigests[leaf])).toEqual([true, false, true]);
  });

  test("has none where the names are all that is asked for, and all when it is asked for versions then", async () => {
    writeFileSync(join(logs, "a.log"), Buffer.alloc(LEAF_BYTES + 10, "line of a log\n"));
    utimesSync(join(logs, "a.log"), 1_000, 1_000);
    const [named] = await describeGlob("*.log", "web", "names");
    const [version] = await describeGlob("*.log");
    expect(version?.leafDigests).toHaveLength(2);
    expect(named).toEqual({ ...version, leafDigests: [] });
  });

  test("tells a compressed file by its bytes: its format is that of its text, and nothing of it is sealed", async () => {
    const line = '10.0.0.1 - - [10/Oct/2024:13:00:00 +0000] "GET / HTTP/1.1" 200 7\n';
    const zipped = gzipSync(line.repeat(1_000));
    writeFileSync(join(logs, "old.log"), zipped);
    const { length: size } = zipped;
    expect(await describeGlob("old.log")).toMatchObject([
      { compression: "gzip", format: "common", size, scanSize: size, sealedSize: 0, leafDigests: [expect.anything()] },
    ]);
  });

  test.each([
    ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /xz-compressed/],
    ["damaged gzip", Buffer.from([0x1f, 0x8b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), /damaged/],
  ])("names a file that holds %s, instead of reading it as text", async (_what, bytes, problem) => {
    writeFileSync(join(logs, "old.log"), bytes);
    expect(await describeGlob("*.log")).toMatchObject([{ path: "old.log", problem: expect.stringMatching(problem) }]);
  });

  test.skipIf(process.getuid?.() === 0)("names a file that it may not read, instead of leaving it out", async () => {
    writeFileSync(join(logs, "locked.log"), "line\n", { mode: 0 });
    expect(await describeGlob("*.log")).toMatchObject([
      { path: "locked.log", problem: expect.stringMatching(/opened/) },
    ]);
  });
});

describe("opening", () => {
  const outcomeOf = (wanted: ManifestFile, from = catalog): Promise<OpenOutcome> =>
    new Promise((resolve) => from.open(wanted, resolve));
  const read = async (wanted: ManifestFile, from = catalog): Promise<string> => {
    const opened = await outcomeOf(wanted, from);
    return typeof opened === "string" ? opened : readFileSync(opened.realPath, "utf8");
  };
  const content = "one\ntwo\n";
  let file: ManifestFile;
  const path = (): string => join(logs, "a.log");

  beforeEach(async () => {
    writeFileSync(path(), content);
    file = await manifestFileOf("a.log");
  });

  test("gives the file, and gives it again", async () => {
    expect(await read(file)).toBe(content);
    expect(await read(file)).toBe(content);
  });

  test("gives a file that has grown", async () => {
    appendFileSync(path(), "three\n");
    expect(await read(file)).toBe(`${content}three\n`);
    appendFileSync(path(), "four\n");
    expect(await read(file)).toBe(`${content}three\nfour\n`);
  });

  test("still gives a file that was rotated away after it was opened once", async () => {
    await outcomeOf(file);
    renameSync(path(), join(parent, "a.log.1"));
    writeFileSync(path(), "ONE\nTWO\n");
    expect(await read(file)).toBe(process.platform === "linux" ? content : "input-changed");
  });

  test.each<[string, () => void, string]>([
    ["was rewritten with the same size", () => writeFileSync(path(), "ONE\nTWO\n"), "input-changed"],
    [
      "was rotated before it was opened",
      () => {
        renameSync(path(), join(parent, "a.log.1"));
        writeFileSync(path(), content);
      },
      "input-changed",
    ],
    ["was touched", () => utimesSync(path(), 5_000, 5_000), "input-changed"],
    ["was cut", () => truncateSync(path(), 4), "input-changed"],
    ["is gone", () => rmSync(path()), "not-holder"],
    [
      "became a link to the outside",
      () => {
        renameSync(path(), join(parent, "a.log"));
        symlinkSync(join(parent, "a.log"), path());
      },
      "not-holder",
    ],
  ])("refuses a file that %s", async (_what, change, verdict) => {
    change();
    expect(await outcomeOf(file)).toBe(verdict);
  });

  test.each<[string, () => void]>([
    ["rewritten", () => writeFileSync(path(), "ONE\nTWO\nTHREE\n")],
    ["cut", () => truncateSync(path(), 4)],
  ])("notices that a file it holds open was %s", async (_what, change) => {
    expect(await read(file)).toBe(content);
    change();
    expect(await outcomeOf(file)).toBe("input-changed");
  });

  test("knows a copy on another machine by its pages, whatever its times; a shorter one is no holder", async () => {
    const other = new DirectoryCatalog([{ name: "web", shared: true, directory: logs }], {
      nowMs: () => 0,
      wallMs: () => wallMs,
    });
    utimesSync(path(), 5_000, 5_000);
    expect(await read(file, other)).toBe(content);
    truncateSync(path(), 4);
    await other.close();
    const third = new DirectoryCatalog([{ name: "web", shared: true, directory: logs }], {
      nowMs: () => 0,
      wallMs: () => wallMs,
    });
    expect(await outcomeOf(file, third)).toBe("not-holder");
    await third.close();
  });

  test("verifies a file by digests of any span level", async () => {
    writeFileSync(join(logs, "large.log"), Buffer.alloc(20 * LEAF_BYTES, "line of a log\n"));
    for (const level of [0, 1, 2]) {
      const large = await manifestFileOf("large.log", level);
      expect(await outcomeOf(large)).toHaveProperty("realPath");
      expect(await outcomeOf({ ...large, mtimeMs: 1, spanDigests: [...large.spanDigests].reverse().slice(1) })).toBe(
        "input-changed",
      );
    }
  });

  test.each(["../secret.log", "/etc/passwd", "deep/../../secret.log", "", ".", "a.log/", "./a.log", "a.log\0.txt"])(
    "does not open %j",
    async (hostile) => {
      writeFileSync(join(parent, "secret.log"), content);
      linkSync(path(), join(logs, "other.log"));
      expect(await outcomeOf({ ...file, path: hostile })).toBe("not-holder");
    },
  );

  test("does not open a file of a source that it does not offer", async () => {
    expect(await outcomeOf({ ...file, source: "mail" })).toBe("not-holder");
  });

  test("does not wait at a FIFO", async () => {
    execFileSync("mkfifo", [join(logs, "fifo.log")]);
    expect(await outcomeOf({ ...file, path: "fifo.log" })).toBe("not-holder");
  });
});
