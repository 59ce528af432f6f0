/** Times that logs have, the edges of calendars among them. */

import type { RandomStream } from "../sim/random-stream.js";

const EDGES = ["2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2024-02-29T12:00:00Z", "2024-03-31T01:30:00Z"];

/** Microseconds since 1970, a multiple of `step`; mostly within two months, so that buckets have several. */
export function momentNear(random: RandomStream, step: bigint): bigint {
  const day = BigInt(Date.parse(random.chance(0.1) ? random.pick(EDGES) : "2024-01-15T00:00:00Z")) * 1000n;
  const spread = random.chance(0.7) ? 86_400_000_000 * 2 : 86_400_000_000 * 50;
  const moment = random.chance(0.05) ? day : day + BigInt(Math.floor(random.between(-spread, spread)));
  return moment - (((moment % step) + step) % step);
}
