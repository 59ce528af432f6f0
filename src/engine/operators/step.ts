/** Steps of a program: kernel calls for one batch. */

/** Lines and fields that did not parse or convert. */
export interface ScanFailures {
  unparsed: number;
  malformedFields: number;
}

/** Computes columns for the first `rows` rows of the batch. */
export type Step = (rows: number, failures: ScanFailures) => void;

/** An operation of a field program as calls of its kernels. */
export interface OperationSteps {
  /** Runs the operation on all lines of the batch; returns how many failed at it. */
  take(rows: number): number;
  /** What is done once it is known which lines are rows. */
  readonly late: readonly Step[];
}
