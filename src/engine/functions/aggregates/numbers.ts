/** 64-bit integers in memory as doubles, without a BigInt: rounded beyond 2^53. */

const TWO_TO_32 = 2 ** 32;

export const unsignedNumber = (memory: DataView, at: number): number =>
  memory.getUint32(at + 4, true) * TWO_TO_32 + memory.getUint32(at, true);

export const signedNumber = (memory: DataView, at: number): number =>
  memory.getInt32(at + 4, true) * TWO_TO_32 + memory.getUint32(at, true);
