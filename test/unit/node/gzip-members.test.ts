import { crc32, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gunzipInKernel } from "./gunzip-in-kernel.js";

const TEXT = "one\ntwo\nthree\n";
const MEMBER = gzipSync(TEXT);
const DATA = MEMBER.subarray(10);

const FLAG = { text: 1, headerCrc: 2, extra: 4, name: 8, comment: 16 };

/** A member with such flags and what they announce. */
function memberWith(flags: number, headerCrc?: number): Buffer {
  const parts = [
    Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]),
    (flags & FLAG.extra) === 0 ? [] : Buffer.from([3, 0, 7, 0, 7]),
    (flags & FLAG.name) === 0 ? [] : Buffer.from("access.log\0"),
    (flags & FLAG.comment) === 0 ? [] : Buffer.from("of yesterday\0"),
  ].flat();
  const header = Buffer.concat(parts);
  const check = Buffer.alloc(2);
  check.writeUInt16LE(headerCrc ?? crc32(header) & 0xffff);
  return Buffer.concat([header, (flags & FLAG.headerCrc) === 0 ? Buffer.alloc(0) : check, DATA]);
}

describe("members of a gzip file", () => {
  it.each([0, FLAG.text, FLAG.extra, FLAG.name, FLAG.comment, FLAG.headerCrc, 31])(
    "may have headers with the flags %d",
    (flags) => {
      const file = memberWith(flags);
      for (const readBytes of [1, file.length]) {
        expect(gunzipInKernel(file, readBytes).toString()).toBe(gunzipSync(file).toString());
      }
    },
  );

  it("may have a long name", () => {
    const file = Buffer.concat([memberWith(FLAG.name).subarray(0, 10), Buffer.alloc(600_000, "x"), Buffer.of(0), DATA]);
    expect(gunzipInKernel(file).toString()).toBe(TEXT);
  });

  it.each([
    ["none", MEMBER, TEXT],
    ["another member", Buffer.concat([MEMBER, memberWith(31)]), TEXT + TEXT],
    ["empty members", Buffer.concat([MEMBER, gzipSync(""), gzipSync(""), MEMBER]), TEXT + TEXT],
    ["zeros", Buffer.concat([MEMBER, Buffer.alloc(100)]), TEXT],
    ["zeros and more", Buffer.concat([MEMBER, Buffer.from("\0more")]), TEXT],
    ["thirty members", Buffer.concat(Array.from({ length: 30 }, () => MEMBER)), TEXT.repeat(30)],
  ])("may be followed by %s", (_name, file, text) => {
    for (const readBytes of [1, MEMBER.length, file.length]) {
      expect(gunzipInKernel(file, readBytes).toString()).toBe(text);
    }
  });

  const changed = (file: Buffer, at: number): Buffer => {
    const copy = Buffer.from(file);
    const place = at < 0 ? copy.length + at : at;
    copy[place] = (copy[place] ?? 0) ^ 0x80;
    return copy;
  };
  it.each([
    ["incorrect header check", "another second byte", changed(MEMBER, 1)],
    ["unknown compression method", "another method", changed(MEMBER, 2)],
    ["unknown header flags set", "a reserved flag", changed(MEMBER, 3)],
    ["header crc mismatch", "another check of the header", memberWith(FLAG.headerCrc, 1)],
    ["incorrect data check", "another check of the text", changed(MEMBER, -8)],
    ["incorrect length check", "another length", changed(MEMBER, -1)],
    ["incorrect header check", "text behind", Buffer.concat([MEMBER, Buffer.from("more")])],
    ["unexpected end of file", "a header that is cut off behind", Buffer.concat([MEMBER, MEMBER.subarray(0, 5)])],
    ["unexpected end of file", "one byte behind that is no zero", Buffer.concat([MEMBER, Buffer.from("m")])],
    ["unexpected end of file", "another method at the end of the file", changed(MEMBER, 2).subarray(0, 3)],
  ])("are refused with: %s, for %s", (message, _name, file) => {
    expect(() => gunzipSync(file)).toThrow(message);
    for (const readBytes of [1, file.length]) expect(() => gunzipInKernel(file, readBytes)).toThrow(message);
  });
});
