/** Arbitrary access logs: mostly good lines, some with every kind of damage that bytes can have. */

import fc from "fast-check";

const TIMES = [
  "10/Oct/2000:13:55:36 -0700",
  "29/Feb/2024:00:00:00 +0000",
  "31/Dec/1999:23:59:60 +0530",
  "01/Jan/1969:00:00:00 +0000",
  "29/Feb/2023:00:00:00 +0000",
  "10/oct/2000:13:55:36 -0700",
  "10/Oct/2000 13:55:36 -0700",
  "10/Oct/2000:24:55:36 -0700",
];
const REQUESTS = [
  "GET / HTTP/1.1",
  "GET /a?b=c?d HTTP/2",
  "POST /with space HTTP/1.0",
  "GET /no-protocol",
  "-",
  "",
  "\\x16\\x03\\x01",
  'GET /quote\\" HTTP/1.1',
  "GET  HTTP/1.1",
  "G1T /x HTTP/1.1",
  "GET /x FTP/1.1",
  "GET /x HTTP/ 1.1",
  "GET /ünï HTTP/1.1",
  `GET /${"long/".repeat(40)} HTTP/1.1`,
];
const NUMBERS = [
  "200",
  "404",
  "500",
  "0",
  "-",
  "1234567",
  "12345678",
  "9223372036854775807",
  "9223372036854775808",
  "12a",
  "",
];
const TAILS = ["", ' "-" "curl"', ' "http://x/" "Mozilla \\"5\\""', ' "cut', ' "a"', ' "a" b', " ", ' "" ""'];

const line = fc
  .record({
    address: fc.constantFrom("1.2.3.4", "::1", "-", "", "a-very-long-host-name.example.org"),
    user: fc.constantFrom("-", "bob", "two words", ""),
    time: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TIMES.slice(0, 4)) }, fc.constantFrom(...TIMES)),
    request: fc.constantFrom(...REQUESTS),
    status: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("200", "404") }, fc.constantFrom(...NUMBERS)),
    bytes: fc.oneof({ weight: 4, arbitrary: fc.nat().map(String) }, fc.constantFrom(...NUMBERS)),
    tail: fc.constantFrom(...TAILS),
  })
  .map(
    ({ address, user, time, request, status, bytes, tail }) =>
      `${address} - ${user} [${time}] "${request}" ${status} ${bytes}${tail}`,
  );

/** One byte of a line, replaced: NUL, invalid UTF-8, delimiters in the wrong place. */
const damaged = fc
  .tuple(line, fc.nat(), fc.constantFrom(0, 0xff, 0xc3, 0x22, 0x20, 0x5c, 0x2d))
  .map(([text, at, byte]) => {
    const bytes = Buffer.from(text);
    if (bytes.length > 0) bytes[at % bytes.length] = byte;
    return bytes;
  });

const garbage = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

/** A log as bytes: good and bad lines, both line ends, with or without the last. */
export const logText = (maxLines = 40): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.array(
        fc.tuple(
          fc.oneof(
            { weight: 6, arbitrary: line.map((text) => Buffer.from(text)) },
            { weight: 2, arbitrary: damaged },
            { weight: 1, arbitrary: garbage },
          ),
          fc.constantFrom("\n", "\n", "\r\n"),
        ),
        { maxLength: maxLines },
      ),
      fc.boolean(),
    )
    .map(([lines, endsWithNewline]) => {
      const text = Buffer.concat(lines.flatMap(([bytes, ending]) => [bytes, Buffer.from(ending)]));
      return new Uint8Array(endsWithNewline ? text : text.subarray(0, Math.max(0, text.length - 1)));
    });
