import { describe, expect, test } from "vitest";
import { LinearMemory } from "../../../../src/engine/kernels/linear-memory.js";

function emptyMemory(): LinearMemory {
  const memory = new LinearMemory();
  memory.startAt(1024);
  return memory;
}

describe("the memory of kernels", () => {
  test("hands out regions that do not overlap and lie behind the module's own", () => {
    const memory = emptyMemory();
    const regions = [1, 64, 65, 10_000_000].map((size) => memory.allocate(size));
    let free = 1025;
    for (const region of regions) {
      expect(region.address).toBeGreaterThanOrEqual(free);
      expect(memory.bytes.length).toBeGreaterThan(region.address + region.sizeBytes);
      free = region.address + region.sizeBytes;
    }
  });

  test("knows which regions were used before", () => {
    const memory = emptyMemory();
    expect(memory.allocate(100).isFresh).toBe(true);
    memory.releaseAll();
    expect(memory.allocate(64).isFresh).toBe(false);
    expect(memory.allocate(64).isFresh).toBe(false);
    expect(memory.allocate(64).isFresh).toBe(true);
  });

  test("ends at 4 GiB with an error that says what to do", () => {
    const memory = emptyMemory();
    memory.allocate(2 ** 31);
    expect(() => memory.allocate(2 ** 31)).toThrow(
      "A scanning thread could not get 4097 MiB of memory (at most 4096): the query has too many groups, or a line is too long. Group by fewer distinct values, or filter with WHERE",
    );
  });
});
