/** Twins of the detail kernels. */

import { BEST_DETAIL } from "../layout.js";
import { hashKey } from "./hash.js";

const WORD_BITS = 64;
const WORD_BYTES = 8;
const LENGTH_BYTES = 4;
const word = new DataView(new ArrayBuffer(8));

/** The bin of a double: of its bits, made to be of the doubles' order, all but the low 46. */
export function binOfDouble(value: number): bigint {
  word.setFloat64(0, Number.isNaN(value) ? Number.NaN : value + 0);
  const bits = word.getBigInt64(0);
  return (bits < 0n ? bits ^ 0x7fffffffffffffffn : bits) >> 46n;
}

/** Register and rank of a value's bytes. */
export function rankOfBytes(
  bytes: Uint8Array,
  registerBits: number,
): { readonly register: number; readonly rank: number } {
  const digits = hashKey(bytes, 0).toString(2).padStart(WORD_BITS, "0");
  const rest = digits.slice(registerBits);
  const zeros = rest.includes("1") ? rest.indexOf("1") : rest.length;
  return { register: Number.parseInt(digits.slice(0, registerBits), 2), rank: zeros + 1 };
}

/** A finite double as an integer of 53 bits and its binary order. */
export function fractionOf(value: number): { readonly fraction: bigint; readonly order: number } {
  word.setFloat64(0, Math.abs(value));
  const bits = word.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const fraction = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  return { fraction: value < 0 ? -fraction : fraction, order: Math.max(1, exponent) };
}

/** The part of `fraction` · 2^`order` that is added up, and the key below which it is. */
const partOf = (
  fraction: bigint,
  order: number,
  firstKey: number,
): { readonly key: number; readonly part: bigint } => ({
  key: firstKey + Math.floor(order / 10),
  part: fraction * 2n ** BigInt(order % 10),
});

/** Key and part of a double in a sum of values. */
export function partOfDouble(value: number): { readonly key: number; readonly part: bigint } {
  if (Number.isNaN(value)) return { key: 210, part: 1n };
  if (!Number.isFinite(value)) return { key: value > 0 ? 211 : 212, part: 1n };
  const { fraction, order } = fractionOf(value);
  return partOf(fraction, order, 0);
}

/** Key and part of the low (`half` 0) or high (1) 53 bits of a finite double's square. */
export function partOfSquare(value: number, half: 0 | 1): { readonly key: number; readonly part: bigint } {
  const { fraction, order } = fractionOf(value);
  const square = fraction * fraction;
  const share = half === 0 ? square & ((1n << 53n) - 1n) : square >> 53n;
  return partOf(share, 2 * order + 53 * half, 300);
}

/** The key bytes of the group to which a detail with these key bytes belongs. */
export function groupKeyOfDetail(
  key: Uint8Array,
  group: { readonly fixedKeys: number; readonly stringKeys: number },
  isText: boolean,
): Uint8Array {
  const fixedBytes = group.fixedKeys * WORD_BYTES;
  if (!isText) return Uint8Array.from([...key.subarray(0, fixedBytes), ...key.subarray(fixedBytes + WORD_BYTES)]);
  const lengths = Array.from({ length: group.stringKeys }, (_, index) =>
    new DataView(key.buffer, key.byteOffset).getUint32(fixedBytes + index * LENGTH_BYTES, true),
  );
  const texts = fixedBytes + group.stringKeys * LENGTH_BYTES;
  const textBytes = lengths.reduce((sum, length) => sum + length, 0);
  const stated = Math.max(0, group.stringKeys - 1) * LENGTH_BYTES;
  return Uint8Array.from([...key.subarray(0, fixedBytes + stated), ...key.subarray(texts, texts + textBytes)]);
}

/** What of a detail says whether it decides: its text, or its place; and whether it is NULL. */
export interface Candidate {
  readonly text: Uint8Array;
  readonly place: readonly [time: bigint, file: bigint, offset: bigint];
  readonly isNull: boolean;
  /** Breaks ties between places. */
  readonly rowOrder: number;
}

/** The best of the details of a group by a rule of `noteBestDetails`; undefined if none will do. */
export function bestDetail(details: readonly Candidate[], rule: number): Candidate | undefined {
  const comparePlaces = (left: Candidate, right: Candidate): number => {
    const differing = left.place.findIndex((part, index) => part !== right.place[index]);
    if (differing < 0) return 0;
    return (left.place[differing] ?? 0n) < (right.place[differing] ?? 0n) ? -1 : 1;
  };
  const order = (left: Candidate, right: Candidate): number => {
    if (rule === BEST_DETAIL.lowestText) return Buffer.compare(left.text, right.text);
    if (rule === BEST_DETAIL.highestText) return Buffer.compare(right.text, left.text);
    const places = comparePlaces(left, right) * (rule === BEST_DETAIL.lastPlace ? -1 : 1);
    return places === 0 ? left.rowOrder - right.rowOrder : places;
  };
  const candidates = rule === BEST_DETAIL.firstKnownPlace ? details.filter(({ isNull }) => !isNull) : details;
  return candidates.toSorted(order)[0];
}
