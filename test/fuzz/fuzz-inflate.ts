/** DEFLATE data from anyone, in the kernel: what zlib makes of it, or a refusal in the same words. */

import { constants, gunzipSync, gzipSync } from "node:zlib";
import { gunzipInKernel } from "../unit/node/gunzip-in-kernel.js";
import { expectSame } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { mutateBytes, randomText } from "./mutate.js";

const PIECES = ["GET /index.html HTTP/1.1", "10.0.0.1 - - [", "200 ", "aaaaaaaaaaaaaaaaaaaa", "\n", '"-"'];
const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

/** Of a file that ends between the two checks of its text, zlib may have found the first one wrong. */
const WRONG_TEXT = "refused: incorrect data check";
const CUT_OFF = "refused: unexpected end of file";

function outcomeOf(run: () => Buffer): string {
  try {
    return run().toString("latin1");
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

export const INFLATE: FuzzTarget = {
  name: "inflate",
  weight: 1,
  run(random) {
    const sound = gzipSync(randomText(PIECES, 300, random), {
      level: random.integer(0, 9),
      memLevel: random.integer(1, 9),
      windowBits: random.integer(9, 15),
      strategy: random.pick(STRATEGIES),
    });
    const file = mutateBytes(sound, random);
    const readBytes = random.chance(0.5) ? file.length : random.integer(1, 60);
    const expected = outcomeOf(() => gunzipSync(file));
    const ours = outcomeOf(() => gunzipInKernel(file, readBytes));
    if (expected !== WRONG_TEXT || ours !== CUT_OFF) expectSame("text", ours, expected, file);
    return 1;
  },
};
