import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "../../../src/node/adapters/files/replace-file.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-replace-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("A file is replaced whole, with the mode that was asked for", () => {
  const path = join(directory, "key");
  replaceFile(path, "one", 0o600);
  replaceFile(path, Buffer.from("two"), 0o600);
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(["key"]);
});

test("What cannot be replaced is an error that leaves nothing beside it", () => {
  mkdirSync(join(directory, "taken"));
  expect(() => replaceFile(join(directory, "taken"), "one", 0o644)).toThrow(/EISDIR|EPERM|EEXIST/);
  expect(readdirSync(directory)).toEqual(["taken"]);
});
