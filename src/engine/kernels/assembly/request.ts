/** Taking apart what a client asked for: `METHOD URL PROTOCOL`, and a URL's path and query. */

import { i64At, isNull, setI64, setNull, spanAddress, spanLength, spanOf, Vector } from "./vector";

/** `HTTP/` in memory order. */
const HTTP_PREFIX: u64 = 0x2f50545448;
const FIVE_BYTES: u64 = 0xffffffffff;
/** `GET `, `POST ` and `HEAD ` in memory order. */
const GET_AND_SPACE: u64 = 0x20544547;
const POST_AND_SPACE: u64 = 0x2054534f50;
const HEAD_AND_SPACE: u64 = 0x2044414548;
const FOUR_BYTES: u64 = 0xffffffff;
/** ` HTTP/1.1` */
const USUAL_PROTOCOL_BYTES: u32 = 9;
/** ` HTTP/` and `/0.0` in memory order. */
const SPACE_AND_HTTP: u64 = 0x2f5054544820;
const SIX_BYTES: u64 = 0xffffffffffff;
const USUAL_VERSION: u32 = 0x302e302f;

/**
 * Splits requests. The method is letters, `-` and `_`; the protocol begins with `HTTP/` behind the last space; what is
 * between is the URL. Without a protocol, a URL without spaces still counts. What does not split is NULL. Returns how
 * many requests of parsed rows did not split whole, not counting NULL ones. An `out` column of 0 is not kept.
 */
export function splitRequests(
  request: Vector,
  live: usize,
  method: Vector,
  url: Vector,
  protocol: Vector,
  rows: u32,
): u32 {
  let malformed: u32 = 0;
  let row = splitUsualRequests(request, method, url, protocol, 0, rows);
  while (row < rows) {
    malformed += splitOtherRequest(request, live, method, url, protocol, row);
    row = splitUsualRequests(request, method, url, protocol, row + 1, rows);
  }
  return malformed;
}

/**
 * Splits the requests in [from, rows) up to the first that is not `GET`, `POST` or `HEAD`, a URL, and ` HTTP/1.1` or
 * another version with a point; returns its row, or `rows`. It makes no call, so that its loop keeps the registers.
 */
export function splitUsualRequests(
  request: Vector,
  method: Vector,
  url: Vector,
  protocol: Vector,
  from: u32,
  rows: u32,
): u32 {
  const spans = request.values;
  const nulls = request.nulls;
  let row = from;
  for (; row < rows; row++) {
    const span = load<u64>(spans + (usize(row) << 3));
    const start = spanAddress(span);
    const end = start + spanLength(span);
    if (spanLength(span) <= 14 || load<u8>(nulls + usize(row)) != 0) break;
    const word = load<u64>(start);
    const isLonger = u32((word & FIVE_BYTES) == POST_AND_SPACE) | u32((word & FIVE_BYTES) == HEAD_AND_SPACE);
    if ((u32((word & FOUR_BYTES) == GET_AND_SPACE) | isLonger) == 0) break;
    const urlEnd = end - USUAL_PROTOCOL_BYTES;
    // After the exclusive or, the digits are under 16 and all else is 0.
    const version = (load<u32>(end - 4) ^ USUAL_VERSION) & 0xf0fff0ff;
    if ((((load<u64>(urlEnd) ^ SPACE_AND_HTTP) & SIX_BYTES) | u64(version)) != 0) break;
    const methodEnd = start + 3 + isLonger;
    if (changetype<usize>(url) != 0) keepString(url, row, methodEnd + 1, urlEnd);
    if (changetype<usize>(method) != 0) keepString(method, row, start, methodEnd);
    if (changetype<usize>(protocol) != 0) keepString(protocol, row, urlEnd + 1, end);
  }
  return row;
}

@inline
function keepString(column: Vector, row: u32, start: usize, end: usize): void {
  store<u64>(column.values + (usize(row) << 3), spanOf(start, u32(end - start)));
  store<u8>(column.nulls + usize(row), 0);
}

/** {@link splitRequests} for one row. A function of its own, so that the loop keeps the registers. */
export function splitOtherRequest(
  request: Vector,
  live: usize,
  method: Vector,
  url: Vector,
  protocol: Vector,
  row: u32,
): u32 {
  const span = u64(i64At(request, row));
  const start = spanAddress(span);
  const end = start + spanLength(span);
  const missing = isNull(request, row);
  const methodEnd = missing != 0 ? start : endOfMethod(start, end);
  let urlStart = methodEnd + 1;
  let urlEnd = urlStart;
  let protocolStart = end;
  if (methodEnd > start) {
    const lastSpace = lastSpaceOf(urlStart, end);
    if (lastSpace > urlStart && end - lastSpace > 6 && (load<u64>(lastSpace, 1) & FIVE_BYTES) == HTTP_PREFIX) {
      urlEnd = lastSpace;
      protocolStart = lastSpace + 1;
    } else if (lastSpace < urlStart) {
      urlEnd = end;
    }
  }
  const hasUrl = urlEnd > urlStart;
  setString(method, row, start, methodEnd, hasUrl);
  setString(url, row, urlStart, urlEnd, hasUrl);
  setString(protocol, row, protocolStart, end, hasUrl && protocolStart < end);
  return (1 - missing) & u32(load<u8>(live + row)) & u32(protocolStart == end);
}

@inline
function setString(column: Vector, row: u32, start: usize, end: usize, isThere: bool): void {
  if (changetype<usize>(column) == 0) return;
  setI64(column, row, isThere ? spanOf(start, u32(end - start)) : 0);
  setNull(column, row, u32(!isThere));
}

/** Address of the space behind the method; `start` if there is no method. */
function endOfMethod(start: usize, end: usize): usize {
  let at = start;
  while (at < end) {
    const byte = u32(load<u8>(at));
    if (byte == 0x20) return at;
    const letter = (byte | 0x20) - 0x61;
    if (letter > 25 && byte != 0x2d && byte != 0x5f) return start;
    at++;
  }
  return start;
}

/** Address of the last space in [start, end); `start - 1` if there is none. */
function lastSpaceOf(start: usize, end: usize): usize {
  let at = end;
  while (at > start) {
    at--;
    if (load<u8>(at) == 0x20) return at;
  }
  return start - 1;
}

/** Cuts URLs at the first `?`. Without one the query is NULL. */
export function splitUrls(url: Vector, path: Vector, query: Vector, rows: u32): void {
  const questionMark = i8x16.splat(0x3f);
  for (let row: u32 = 0; row < rows; row++) {
    const missing = isNull(url, row);
    const span = missing != 0 ? 0 : u64(i64At(url, row));
    const start = spanAddress(span);
    const end = start + spanLength(span);
    let at = start;
    while (at < end) {
      const hits = i8x16.bitmask(i8x16.eq(v128.load(at), questionMark));
      if (hits != 0) {
        at += ctz(hits);
        break;
      }
      at += 16;
    }
    if (at > end) at = end;
    setString(path, row, start, at, missing == 0);
    setString(query, row, at + 1, end, at < end);
  }
}
