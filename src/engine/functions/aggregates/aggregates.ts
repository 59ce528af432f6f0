/** Every aggregate that partials can hold, by name. */

import type { Aggregate } from "./aggregate.js";
import { COUNT } from "./count.js";
import { MAX, MIN } from "./extremes.js";
import { SUM } from "./sum.js";

const AGGREGATES: readonly Aggregate[] = [COUNT, SUM, MIN, MAX];

export const aggregateByName = (name: string): Aggregate | undefined =>
  AGGREGATES.find((aggregate) => aggregate.name === name);
