/** A step of a program: kernel calls for one batch. */

/** Lines and fields that did not parse or convert. */
export interface ScanFailures {
  unparsed: number;
  malformedFields: number;
}

/** Computes columns for the first `rows` rows of the batch. */
export type Step = (rows: number, failures: ScanFailures) => void;
