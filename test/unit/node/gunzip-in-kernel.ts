/** A whole gzip file by the kernel, its members' checks included: what a compressed reader and its thread do together. */

import { Inflater } from "../../../src/engine/kernels/inflater.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { GzipMembers } from "../../../src/node/adapters/files/gzip-members.js";
import { TextCheck } from "../../../src/node/adapters/files/text-check.js";

const kernels = Kernels.instantiate();
const inflater = new Inflater(kernels);

/** What is in the file; it is read in pieces of up to `readBytes`. Throws an Error for what is damaged. */
export function gunzipInKernel(file: Uint8Array, readBytes = file.length): Buffer {
  const parts: Uint8Array[] = [];
  const text = new TextCheck();
  let position = 0;
  const read = (target: Uint8Array): number => {
    const part = file.subarray(position, position + Math.min(readBytes, target.length));
    target.set(part);
    position += part.length;
    return part.length;
  };
  inflater.skip(inflater.input.length);
  new GzipMembers(inflater, read, {
    waitForRoom: () => undefined,
    take: ({ start, bytes }, check) => {
      const part = kernels.memory.bytes.slice(start, start + bytes);
      text.add(part);
      if (check !== undefined) text.finish(check);
      parts.push(part);
    },
  }).run();
  return Buffer.concat(parts);
}
