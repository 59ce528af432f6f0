/** What is known of a range, piece by piece, as it lies in the store: JSON, for it is small and the store checks sums. */

import type { Sight, TimeSpan } from "../../engine/plan-time.js";

export interface KnownPiece extends Sight {
  readonly start: number;
  readonly end: number;
}

export interface KnownRange {
  /** Names of the fields among which malformed ones were counted, sorted. */
  readonly fields: readonly string[];
  /** In the order of the range. */
  readonly pieces: readonly KnownPiece[];
}

/** A piece in the order of its fields in {@link encodeKnownRange}; times as decimal text, empty for none. */
type Row = readonly [number, number, number, number, number, number, number, string, string];

export function encodeKnownRange({ fields, pieces }: KnownRange): Uint8Array {
  const rows = pieces.map((piece): Row => {
    const { start, end, lines, bytes, unparsed, malformedFields, coverageBytes, times } = piece;
    const [least, most] = times === null ? ["", ""] : [`${times.least}`, `${times.most}`];
    return [start, end, lines, bytes, unparsed, malformedFields, coverageBytes, least, most];
  });
  return new TextEncoder().encode(JSON.stringify({ fields, pieces: rows }));
}

/** Undefined for what is none. */
export function decodeKnownRange(encoded: Uint8Array): KnownRange | undefined {
  try {
    const { fields, pieces } = JSON.parse(new TextDecoder().decode(encoded)) as {
      readonly fields: readonly string[];
      readonly pieces: readonly Row[];
    };
    return { fields, pieces: pieces.map(pieceOf) };
  } catch {
    return undefined;
  }
}

function pieceOf(row: Row): KnownPiece {
  const [start, end, lines, bytes, unparsed, malformedFields, coverageBytes, least, most] = row;
  const times: TimeSpan | null = least === "" ? null : { least: BigInt(least), most: BigInt(most) };
  return { start, end, lines, bytes, unparsed, malformedFields, coverageBytes, times };
}
