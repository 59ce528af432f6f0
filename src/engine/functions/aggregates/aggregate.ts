/**
 * The contract of aggregates: update with the rows of a batch, merge with accumulators of elsewhere, read the final value.
 * An accumulator of zero bytes is the identity, and no order of updates and merges shows in its bytes.
 */

import type { Value } from "../../../job/result.js";
import type { KernelExports, VectorAddress } from "../../kernels/kernel-exports.js";
import type { MergeKernel } from "../../kernels/kernel-types.js";
import type { ValueType } from "../../plan.js";

/** The selected rows of a batch, as the update kernels take them. */
interface GroupedRows {
  readonly groups: number;
  readonly selection: number;
  readonly count: number;
}

export interface Aggregate {
  readonly name: string;
  /** A multiple of 8. */
  readonly accumulatorBytes: number;
  /** Types of arguments that the kernels take. */
  readonly argumentTypes: readonly ValueType[];
  /** `argument` is null for `count(*)`; `offset` is the accumulator's place in a row. */
  update(kernels: KernelExports, rows: GroupedRows, argument: VectorAddress | null, offset: number): void;
  mergeKernel(kernels: KernelExports): MergeKernel;
  /** `type` is that of the argument; `at` the address of the accumulator. */
  value(memory: DataView, at: number, type: ValueType): Value;
  /** How the kernel `rankRows` reads the value, as {@link number} does; undefined if it cannot. */
  rankKind(type: ValueType): number | undefined;
  /** The value as a double, NaN for NULL. */
  number(memory: DataView, at: number, type: ValueType): number;
}
