import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SpillError } from "../../src/engine/spill-space.js";
import { removeStaleSpills, SpillFile } from "../../src/node/adapters/files/spill-file.js";
import { memorySpace } from "../unit/engine/memory-space.js";
import { spillSpaceContract } from "./spill-space.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-space-"));
afterAll(() => rmSync(directory, { recursive: true }));

spillSpaceContract("memory", () => ({ space: memorySpace(), close: () => undefined }));

spillSpaceContract("a file", () => {
  const space = new SpillFile(directory, "name another directory");
  return { space, close: () => space.close() };
});

test("a spill file has no name while it is in use, so that nothing is left of it", () => {
  const space = new SpillFile(directory, "name another directory");
  space.append(new Uint8Array(10));
  expect(readdirSync(directory)).toEqual([]);
  space.close();
});

test("a directory that cannot be written to is named, with the ways out", () => {
  const space = new SpillFile(join(directory, "missing"), "name another directory");
  const append = (): number => space.append(new Uint8Array(1));
  expect(append).toThrow(SpillError);
  expect(append).toThrow(/logmr-space-.*missing.*ENOENT.*name another directory, or raise --memory/);
});

test("what a killed process left behind is removed, and nothing else", () => {
  writeFileSync(join(directory, "logmr-spill-1234"), "");
  writeFileSync(join(directory, "logmr-other"), "");
  removeStaleSpills(directory);
  expect(readdirSync(directory)).toEqual(["logmr-other"]);
});
