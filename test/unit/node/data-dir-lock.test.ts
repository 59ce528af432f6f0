import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataDirLockedError, lockDataDir } from "../../../src/node/adapters/files/data-dir-lock.js";

let parent = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "logmr-lock-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

test("A locked directory refuses a second owner and names the first", () => {
  const dataDir = join(parent, "made/on/the/way");
  const lock = lockDataDir(dataDir);
  expect(() => lockDataDir(dataDir)).toThrow(DataDirLockedError);
  expect(() => lockDataDir(dataDir)).toThrow(
    `the data directory ${dataDir} is in use by process ${process.pid}; stop that one, or give this node its own with --data-dir`,
  );
  lock.release();
  expect(existsSync(join(dataDir, "lock"))).toBe(false);
  lockDataDir(dataDir).release();
});

test("A directory that cannot be made is refused by its name, with the way out", () => {
  writeFileSync(join(parent, "file"), "");
  expect(() => lockDataDir(join(parent, "file/below"))).toThrow(
    /^cannot use the data directory .*file\/below: ENOTDIR.*; choose another with --data-dir$/,
  );
});

const dead = (): number => spawnSync(process.execPath, ["--eval", ""]).pid;

test.each([
  ["a process that is gone", () => JSON.stringify({ pid: dead(), started: "1" })],
  ["another process that had our id before a reboot", () => JSON.stringify({ pid: process.pid, started: "1" })],
  ["nobody, for it is garbage", () => "{"],
])("A lock left behind by %s is taken over", (_whom, content) => {
  writeFileSync(join(parent, "lock"), content());
  const lock = lockDataDir(parent);
  expect(() => lockDataDir(parent)).toThrow(`in use by process ${process.pid}`);
  lock.release();
});
