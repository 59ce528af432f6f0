/** What every implementation of the spill space port keeps to. */

import { afterEach, describe, expect, test } from "vitest";
import type { SpillSpace } from "../../src/engine/spill-space.js";

export interface SpaceUnderTest {
  readonly space: SpillSpace;
  close(): void;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function textAt(reader: SpillSpace, written: SpillSpace, position: number, length: number): string {
  const target = new Uint8Array(length);
  reader.read(written.handle, target, position);
  return new TextDecoder().decode(target);
}

export function spillSpaceContract(name: string, open: () => SpaceUnderTest): void {
  describe(`the spill space in ${name}`, () => {
    const opened: SpaceUnderTest[] = [];
    const start = (): SpillSpace => {
      const under = open();
      opened.push(under);
      return under.space;
    };
    afterEach(() => {
      for (const under of opened.splice(0)) under.close();
    });

    test("gives back what was added, from any position", () => {
      const space = start();
      expect(space.append(bytes("first"))).toBe(0);
      expect(space.append(bytes("second"))).toBe(5);
      expect(textAt(space, space, 0, 11)).toBe("firstsecond");
      expect(textAt(space, space, 6, 3)).toBe("eco");
    });

    test("is read through another one of the process", () => {
      const [space, other] = [start(), start()];
      space.append(bytes("mine"));
      other.append(bytes("theirs"));
      expect(textAt(other, space, 0, 4)).toBe("mine");
      expect(textAt(space, other, 1, 5)).toBe("heirs");
    });

    test("takes bytes of a shared memory, and reads into one", () => {
      const space = start();
      const shared = new Uint8Array(new SharedArrayBuffer(8));
      shared.set(bytes("shared"));
      space.append(shared.subarray(1, 6));
      space.read(space.handle, shared.subarray(2, 7), 0);
      expect(new TextDecoder().decode(shared.slice())).toBe("shhared\0");
    });

    test("begins anew when it was cleared", () => {
      const space = start();
      space.append(bytes("old bytes"));
      space.clear();
      expect(space.append(bytes("new"))).toBe(0);
      expect(textAt(space, space, 0, 3)).toBe("new");
      expect(() => textAt(space, space, 0, 4)).toThrow();
    });
  });
}
