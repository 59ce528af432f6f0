/**
 * How much garbage V8 lets a process keep. It grows the limit of its heap by up to four times of what is in use, the more the
 * less a collection costs: a node that answers many small questions, each of which lives for seconds, would take as much
 * memory again for nothing.
 */

import { setFlagsFromString } from "node:v8";

/** Of what is in use after a collection, in percent; looked at by V8 at the end of each collection. */
const GROWTH_PERCENT = 50;

/** For processes that run for long, beside others. */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
