import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isDecompressed, isHelped } from "../../../src/cli/launch/start-ahead.js";

const SQL = "SELECT count(*) FROM logs";
let directory: string;
let large: string;
let half: string;

/** A file of so many bytes that takes no room. */
function fileOf(name: string, bytes: number): string {
  const path = join(directory, name);
  writeFileSync(path, "");
  truncateSync(path, bytes);
  return path;
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-ahead-"));
  large = fileOf("large.log", 200_000_000);
  half = fileOf("half.log", 60_000_000);
  fileOf("large.log.gz", 200_000_000);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("a thread is started ahead", () => {
  test("for a large file", () => expect(isHelped(["query", SQL, large])).toBe(true));
  test("for a report of it", () => expect(isHelped(["report", large, "--quiet"])).toBe(true));
  test("for files that are large together", () => expect(isHelped(["query", SQL, half, half])).toBe(true));
  test("beside one other thread", () => expect(isHelped(["query", "--threads", "2", SQL, large])).toBe(true));
});

describe("a thread that decompresses is started ahead", () => {
  test("for a compressed file of any size, whoever scans it", () => {
    expect(isDecompressed(["query", SQL, `${large}.gz`])).toBe(true);
    expect(isDecompressed(["report", `${large}.gz`, "--threads", "1"])).toBe(true);
  });
  test("not for any other file, nor for one that is not there", () => {
    expect(isDecompressed(["query", SQL, large])).toBe(false);
    expect(isDecompressed(["query", SQL, `${half}.gz`])).toBe(false);
  });
  test("not where nothing is scanned", () => {
    expect(isDecompressed(["query", "--explain", SQL, `${large}.gz`])).toBe(false);
    expect(isDecompressed(["detect", `${large}.gz`])).toBe(false);
  });
});

describe("no thread is started ahead", () => {
  test("for a small file", () => expect(isHelped(["query", SQL, half])).toBe(false));
  test("for one stream that one thread reads alone", () => expect(isHelped(["query", SQL, `${large}.gz`])).toBe(false));
  test("for a file that is not there", () => expect(isHelped(["query", SQL, join(directory, "none.log")])).toBe(false));
  test("for a directory, whose files are not listed yet", () =>
    expect(isHelped(["query", SQL, directory])).toBe(false));
  test("for a query longer than any path", () => expect(isHelped(["query", "x".repeat(100_000)])).toBe(false));
  test("where one thread is asked for", () => {
    expect(isHelped(["query", "--threads", "1", SQL, large])).toBe(false);
    expect(isHelped(["query", "--threads=1", SQL, large])).toBe(false);
  });
  test("where nothing is scanned", () => expect(isHelped(["query", "--explain", SQL, large])).toBe(false));
  test("for another command", () => expect(isHelped(["detect", large])).toBe(false));
  test("without arguments", () => expect(isHelped([])).toBe(false));
});
