/** Access logs of the combined format: zones, missing values, requests that are none, broken lines. */

import type { RandomStream } from "../sim/random-stream.js";
import type { Cell, GeneratedLog, LogField } from "./generated-log.js";
import { momentNear } from "./moments.js";

const FIELDS: readonly LogField[] = [
  { name: "time", type: "timestamp", isTame: true },
  { name: "remote_addr", type: "string", isTame: true },
  { name: "remote_user", type: "string", isTame: true },
  { name: "method", type: "string", isTame: true },
  { name: "url", type: "string", isTame: true },
  { name: "path", type: "string", isTame: true },
  { name: "query", type: "string", isTame: true },
  { name: "protocol", type: "string", isTame: true },
  { name: "status", type: "i64", isTame: true },
  { name: "bytes", type: "i64", isTame: true },
  { name: "referer", type: "string", isTame: true },
  { name: "user_agent", type: "string", isTame: true },
];

const ADDRESSES = ["10.0.0.1", "10.0.0.2", "192.168.7.77", "2001:db8::7", "::1", "host.example", "203.0.113.9"];
const USERS = [null, null, null, "alice", "Bob", "bob smith", "ünal"];
const METHODS = ["GET", "GET", "GET", "POST", "HEAD", "get", "DELETE"];
const PATHS = ["/", "/index.html", "/a/b/c", "/A/b", "/ü/ß", "/100%", "/a_b", "/it's", "/a b", "/日本/語", "//", "/a?"];
const QUERIES = [null, null, "", "q=1", "item=7&sort=price", "a?b", "x=%41", "q=日本"];
const PROTOCOLS = ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0"];
const STATUSES = [200, 200, 200, 200, 301, 304, 404, 404, 500, 503, 99, 0];
const REFERERS = [
  null,
  null,
  "",
  "https://example.com/",
  "https://example.com/a?b=c",
  "android-app://x.y",
  "x",
  "ÜBER",
];
const AGENTS = [
  null,
  "",
  "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0",
  "curl/8.5.0",
  "Googlebot/2.1 (+http://www.google.com/bot.html)",
  "ａｇｅｎｔ 😀",
  "  spaces  ",
];
const BROKEN = [
  "",
  "broken",
  "GET / HTTP/1.1",
  '1.2.3.4 - - [99/Foo/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1',
  "- - -",
];

interface Request {
  readonly written: string;
  readonly method: string | null;
  readonly url: string | null;
  readonly protocol: string | null;
}

function requestOf(random: RandomStream): Request {
  const method = random.pick(METHODS);
  const query = random.pick(QUERIES);
  const path = random.pick(PATHS);
  const url = query === null ? path : `${path}?${query}`;
  if (random.chance(0.05)) return { written: "-", method: null, url: null, protocol: null };
  if (random.chance(0.05)) return { written: "\\x16\\x03", method: null, url: null, protocol: null };
  if (random.chance(0.05) && !url.includes(" ")) return { written: `${method} ${url}`, method, url, protocol: null };
  const protocol = random.pick(PROTOCOLS);
  return { written: `${method} ${url} ${protocol}`, method, url, protocol };
}

function partsOf(url: string | null): readonly [Cell, Cell] {
  if (url === null) return [null, null];
  const mark = url.indexOf("?");
  return mark < 0 ? [url, null] : [url.slice(0, mark), url.slice(mark + 1)];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number): string => String(value).padStart(2, "0");

/** The moment as a server in some zone writes it. */
function clfTime(micros: bigint, zoneMinutes: number): string {
  const local = new Date(Number(micros / 1000n) + zoneMinutes * 60_000);
  const date = `${two(local.getUTCDate())}/${MONTHS[local.getUTCMonth()]}/${local.getUTCFullYear()}`;
  const clock = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  const zone = Math.abs(zoneMinutes);
  return `${date}:${clock} ${zoneMinutes < 0 ? "-" : "+"}${two(Math.floor(zone / 60))}${two(zone % 60)}`;
}

export function combinedLog(random: RandomStream): GeneratedLog {
  const lines: string[] = [];
  const rows: Cell[][] = [];
  let unparsed = 0;
  for (let count = random.integer(40, 300); count > 0; count -= 1) {
    if (random.chance(0.04)) {
      lines.push(random.pick(BROKEN));
      unparsed += 1;
      continue;
    }
    const time = momentNear(random, 1_000_000n);
    const address = random.pick(ADDRESSES);
    const user = random.pick(USERS);
    const { written, method, url, protocol } = requestOf(random);
    const status = random.pick(STATUSES);
    const bytes = random.chance(0.15) ? null : random.chance(0.3) ? random.integer(0, 9) : random.integer(0, 2_000_000);
    const referer = random.pick(REFERERS);
    const agent = random.pick(AGENTS);
    const stamp = clfTime(time, random.pick([0, 0, 60, -480, 330]));
    const head = `${address} - ${user ?? "-"} [${stamp}] "${written}" ${String(status).padStart(3, "0")} ${bytes ?? "-"}`;
    const isCut = random.chance(0.03);
    lines.push(isCut ? head : `${head} "${referer ?? "-"}" "${agent ?? "-"}"`);
    const optional = isCut ? [null, null] : [referer, agent];
    const size = bytes === null ? null : BigInt(bytes);
    rows.push([time, address, user, method, url, ...partsOf(url), protocol, BigInt(status), size, ...optional]);
  }
  return { format: "combined", fields: FIELDS, text: ended(lines, random), rows, unparsed };
}

/** With or without a newline at the end, and sometimes with those of Windows. */
export function ended(lines: readonly string[], random: RandomStream): string {
  const newline = random.chance(0.2) ? "\r\n" : "\n";
  return lines.join(newline) + (random.chance(0.8) || lines.at(-1) === "" ? newline : "");
}
