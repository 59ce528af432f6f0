/** The final table of a job, as it is stored, replicated and printed. */

/** i64 as bigint, timestamp as bigint microseconds since 1970 UTC, NULL as null. */
export type Value = bigint | number | string | boolean | null;

export interface ResultColumn {
  readonly name: string;
  readonly type: "i64" | "f64" | "bool" | "string" | "timestamp";
}

/** What was seen on the way to an answer; shown with it, never left out. */
export interface ScanCounters {
  /** Every line read, rows or not. */
  readonly lines: number;
  readonly bytes: number;
  /** Lines whose format's required prefix did not parse. */
  readonly unparsed: number;
  /** Fields behind the required prefix, or values, that did not convert and count as NULL. */
  readonly malformedFields: number;
}

/** The answer of a job. Its rows may be made while they are read; then they are good until their maker is closed. */
export interface AnswerTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: RowSequence;
  readonly counters: ScanCounters;
}

/** May be gone through several times. */
export interface RowSequence extends Iterable<readonly Value[]> {
  readonly length: number;
}

/** An answer that is all in memory. */
export interface ResultTable extends AnswerTable {
  readonly rows: readonly (readonly Value[])[];
}

export const inMemory = (answer: AnswerTable): ResultTable => ({ ...answer, rows: [...answer.rows] });

export const NO_COUNTERS: ScanCounters = { lines: 0, bytes: 0, unparsed: 0, malformedFields: 0 };

export function addCounters(left: ScanCounters, right: ScanCounters): ScanCounters {
  return {
    lines: left.lines + right.lines,
    bytes: left.bytes + right.bytes,
    unparsed: left.unparsed + right.unparsed,
    malformedFields: left.malformedFields + right.malformedFields,
  };
}
