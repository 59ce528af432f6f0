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

export interface ResultTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Value[])[];
  readonly counters: ScanCounters;
}

export const NO_COUNTERS: ScanCounters = { lines: 0, bytes: 0, unparsed: 0, malformedFields: 0 };

export function addCounters(left: ScanCounters, right: ScanCounters): ScanCounters {
  return {
    lines: left.lines + right.lines,
    bytes: left.bytes + right.bytes,
    unparsed: left.unparsed + right.unparsed,
    malformedFields: left.malformedFields + right.malformedFields,
  };
}
