/** A spill space in memory, whose bytes every other one of the process can read. */

import type { SpillHandle, SpillSpace } from "../../../src/engine/spill-space.js";

const spaces: Uint8Array[] = [];

export function memorySpace(): SpillSpace {
  const handle = spaces.push(new Uint8Array()) - 1;
  return {
    handle,
    append(bytes) {
      const before = spaces[handle] ?? new Uint8Array();
      spaces[handle] = Buffer.concat([before, bytes]);
      return before.length;
    },
    read(from: SpillHandle, target, position) {
      const part = spaces[from]?.subarray(position, position + target.length) ?? new Uint8Array();
      if (part.length < target.length) throw new Error(`the space ends before ${position + target.length}`);
      target.set(part);
    },
    clear() {
      spaces[handle] = new Uint8Array();
    },
  };
}
