/** Damage to bytes and texts, as disks, networks and attackers do it. */

import type { RandomStream } from "../sim/random-stream.js";

/** Bytes that parsers look for, or do not expect. */
const TELLING = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x25, 0x27, 0x2c, 0x2d, 0x3a, 0x3d, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d];
const MORE_TELLING = [0x7f, 0x80, 0xbf, 0xc3, 0xe2, 0xf0, 0xff];

const byteOf = (random: RandomStream): number =>
  random.chance(0.6) ? random.pick([...TELLING, ...MORE_TELLING]) : random.integer(0, 255);

/** Some bytes changed, put in, taken out, repeated; now and then nothing. */
export function mutateBytes(bytes: Uint8Array, random: RandomStream): Uint8Array {
  let result = Buffer.from(bytes);
  for (let count = random.integer(0, 4); count > 0; count -= 1) {
    const at = random.integer(0, result.length);
    const before = result.subarray(0, at);
    const run = random.integer(1, random.chance(0.2) ? 40 : 3);
    switch (random.integer(0, 4)) {
      case 0:
        if (at < result.length) result[at] = byteOf(random);
        break;
      case 1:
        result = Buffer.concat([before, Uint8Array.from({ length: run }, () => byteOf(random)), result.subarray(at)]);
        break;
      case 2:
        result = Buffer.concat([before, result.subarray(at + run)]);
        break;
      case 3:
        result = Buffer.concat([before, result.subarray(at, at + run), result.subarray(at)]);
        break;
      default:
        if (at < result.length) result[at] = (result[at] ?? 0) ^ (1 << random.integer(0, 7));
    }
  }
  return new Uint8Array(result);
}

/** Pieces moved, repeated, taken out, and put in from `pieces`. */
export function mutateText(text: string, pieces: readonly string[], random: RandomStream): string {
  let result = text;
  for (let count = random.integer(0, 4); count > 0; count -= 1) {
    const at = random.integer(0, result.length);
    const length = random.integer(1, 12);
    const piece = random.chance(0.7) ? random.pick(pieces) : result.slice(at, at + length);
    result = result.slice(0, at) + piece + result.slice(random.chance(0.5) ? at : at + length);
  }
  return result;
}

/** Text of any length up to `most` code points, of pieces that mean something and of anything else. */
export function randomText(pieces: readonly string[], most: number, random: RandomStream): string {
  const parts = Array.from({ length: random.integer(0, most) }, () =>
    random.chance(0.8)
      ? random.pick(pieces)
      : String.fromCodePoint(random.integer(0, random.chance(0.9) ? 0x7f : 0xd7ff)),
  );
  return parts.join("");
}
