/** Slices of the partials that the threads seal. */

import { isSliceable, PartialSlicer, partialSize } from "../../../engine/partial/slice-partial.js";
import type { PartialSlices } from "../../ports/map-pool.js";

export function sealedSlices(): PartialSlices {
  const slicer = new PartialSlicer();
  return { isSliceable, sizeOf: partialSize, slice: (partial, part) => slicer.slice(partial, part) };
}
