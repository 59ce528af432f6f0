import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../../scripts/generate-log/log-generator.js";
import { ensureLog, writeLogFile } from "../../../scripts/generate-log/write-log.js";

const OPTIONS = { ...DEFAULT_LOG_OPTIONS, length: { bytes: 2_500_000 } };
const silent = (): void => undefined;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-write-log-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("writeLogFile", () => {
  it("writes what the generator gives, tells its progress, and leaves nothing beside it", async () => {
    const progress: number[] = [];
    const summary = await writeLogFile(join(directory, "a.log"), OPTIONS, (bytes) => progress.push(bytes));
    const content = readFileSync(join(directory, "a.log"));
    expect(content.equals(Buffer.concat([...generateLog(OPTIONS)]))).toBe(true);
    expect(summary.bytes).toBe(content.length);
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
    expect(progress.at(-1)).toBe(content.length);
    expect(readdirSync(directory)).toEqual(["a.log"]);
  });

  it("leaves neither the log nor a part of it when it is stopped", async () => {
    const stop = (): never => {
      throw new Error("stopped");
    };
    await expect(writeLogFile(join(directory, "a.log"), OPTIONS, stop)).rejects.toThrow("stopped");
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("ensureLog", () => {
  it("generates a log once and then reuses it", async () => {
    const path = await ensureLog(join(directory, "cache"), OPTIONS, silent);
    expect(statSync(path).size).toBeGreaterThanOrEqual(2_500_000);
    writeFileSync(path, "kept");
    expect(await ensureLog(join(directory, "cache"), OPTIONS, silent)).toBe(path);
    expect(readFileSync(path, "utf8")).toBe("kept");
  });

  it("keeps logs of different options apart", async () => {
    const small = { ...OPTIONS, length: { lines: 10 } };
    const paths = [
      await ensureLog(directory, small, silent),
      await ensureLog(directory, { ...small, seed: 2 }, silent),
      await ensureLog(directory, { ...small, format: "json" }, silent),
      await ensureLog(directory, { ...small, length: { lines: 11 } }, silent),
    ];
    expect(new Set(paths).size).toBe(4);
  });
});
