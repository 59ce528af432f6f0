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

  test("hands out a released region again, where one as large is asked for", () => {
    const memory = emptyMemory();
    const [first, other] = [memory.allocate(1000), memory.allocate(1000)];
    memory.release(first);
    expect(memory.allocate(2000).address).toBeGreaterThan(other.address);
    expect(memory.allocate(1000)).toEqual({ ...first, isFresh: false });
    expect(memory.allocate(1000).address).not.toBe(first.address);
    memory.release(other);
    memory.releaseAll();
    expect(memory.allocate(1000).address).toBe(first.address);
    expect(memory.allocate(1000).address).toBe(other.address);
    expect(memory.allocate(1000).address).toBeGreaterThan(other.address);
  });

  test("enlarges a region where it is too small, to a size that others can use", () => {
    const memory = emptyMemory();
    const small = memory.enlarge(undefined, 1000);
    expect(small.sizeBytes).toBe(1024);
    expect(memory.enlarge(small, 1024)).toBe(small);
    const large = memory.enlarge(small, 1025);
    expect(large.sizeBytes).toBe(2048);
    expect(memory.enlarge(undefined, 700).address).toBe(small.address);
  });

  test("ends at 4 GiB with an error that says what to do", () => {
    const memory = emptyMemory();
    memory.allocate(2 ** 31);
    expect(() => memory.allocate(2 ** 31)).toThrow(
      "A scanning thread could not get 4097 MiB of memory (at most 4096): the query has too many groups, or a line is too long. Group by fewer distinct values, or filter with WHERE",
    );
  });
});
