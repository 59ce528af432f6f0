/**
 * A column of a batch. The descriptor lies in memory; layout.ts of the host writes it. A stride of 0 makes the column a
 * constant. Values are 8 bytes (i64, f64, timestamp, or the span of a string) or 1 byte (bool: 0 or 1); `nulls` holds one
 * byte a row, 1 for NULL. The value beside a NULL is unspecified, but a span there never leaves memory.
 */
@unmanaged
export class Vector {
  values: usize;
  stride: usize;
  nulls: usize;
  nullStride: usize;
}

@inline
export function isNull(vector: Vector, row: u32): u32 {
  return load<u8>(vector.nulls + row * vector.nullStride);
}

@inline
export function i64At(vector: Vector, row: u32): i64 {
  return load<i64>(vector.values + row * vector.stride);
}

@inline
export function f64At(vector: Vector, row: u32): f64 {
  return load<f64>(vector.values + row * vector.stride);
}

@inline
export function boolAt(vector: Vector, row: u32): u32 {
  return load<u8>(vector.values + row * vector.stride);
}

/**
 * 16 rows of one byte each, of which the first is a multiple of 16: of bools, or what is NULL. Batches have room for as many
 * rows, so that the last ones may be behind the end.
 */
@inline
export function bytesAt(first: usize, stride: usize, row: u32): v128 {
  return stride != 0 ? v128.load(first + row) : v128.load_splat<u8>(first);
}

/** 16 bytes of 0 or 1: where a bool is true. The value beside a NULL may be any. */
@inline
export function truthsAt(column: Vector, row: u32): v128 {
  const isThere = i8x16.eq(bytesAt(column.nulls, column.nullStride, row), i8x16.splat(0));
  return v128.and(bytesAt(column.values, column.stride, row), isThere);
}

@inline
export function nullsAt(column: Vector, row: u32): v128 {
  return bytesAt(column.nulls, column.nullStride, row);
}

/** Makes NULL what is NULL in another column. */
@inline
export function copyNulls(column: Vector, out: Vector, rows: u32): void {
  if (column.nullStride != 0) memory.copy(out.nulls, column.nulls, rows);
  else memory.fill(out.nulls, load<u8>(column.nulls), rows);
}

/** A string: its address in the low half, its length in bytes in the high half. */
@inline
export function spanOf(address: usize, length: u32): u64 {
  return u64(address) | (u64(length) << 32);
}

@inline
export function spanAddress(span: u64): usize {
  return usize(u32(span));
}

@inline
export function spanLength(span: u64): u32 {
  return u32(span >> 32);
}

@inline
export function setNull(vector: Vector, row: u32, isNullNow: u32): void {
  store<u8>(vector.nulls + row * vector.nullStride, isNullNow);
}

@inline
export function setI64(vector: Vector, row: u32, value: i64): void {
  store<i64>(vector.values + row * vector.stride, value);
}

@inline
export function setF64(vector: Vector, row: u32, value: f64): void {
  store<f64>(vector.values + row * vector.stride, value);
}

@inline
export function setBool(vector: Vector, row: u32, value: u32): void {
  store<u8>(vector.values + row * vector.stride, value);
}

/** Stores the string [start, end), or NULL for the single byte `-`, by which access logs say that there is none. */
@inline
export function setToken(vector: Vector, row: u32, start: usize, end: usize): void {
  setI64(vector, row, spanOf(start, u32(end - start)));
  setNull(vector, row, u32(end - start == 1) & u32(load<u8>(start) == 0x2d));
}

@inline
export function setNoToken(vector: Vector, row: u32): void {
  setI64(vector, row, 0);
  setNull(vector, row, 1);
}

/** A mask of the low `count` (0 to 8) bytes of a word. */
@inline
export function lowBytes(count: u32): u64 {
  return count == 0 ? 0 : ~(<u64>0) >> (64 - (u64(count) << 3));
}
