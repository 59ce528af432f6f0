/** What `test/query-cases/inputs/shop.log` says, written down by hand: the values that DuckDB is given. */

import type { Cell, GeneratedLog, LogField } from "./generated-log.js";

const field = (name: string, type: LogField["type"]): LogField => ({ name, type, isTame: true });

const FIELDS: readonly LogField[] = [
  field("time", "timestamp"),
  field("remote_addr", "string"),
  field("remote_user", "string"),
  field("method", "string"),
  field("url", "string"),
  field("path", "string"),
  field("query", "string"),
  field("protocol", "string"),
  field("status", "i64"),
  field("bytes", "i64"),
  field("referer", "string"),
  field("user_agent", "string"),
];

const micros = (iso: string): bigint => BigInt(Date.parse(iso)) * 1000n;
const MOZILLA = "Mozilla/5.0";
const V1 = "HTTP/1.1";

const ROWS: readonly (readonly Cell[])[] = [
  [
    micros("2024-01-31T22:59:58Z"),
    "10.0.0.1",
    null,
    "GET",
    "/index.html",
    "/index.html",
    null,
    V1,
    200n,
    1000n,
    null,
    MOZILLA,
  ],
  [
    micros("2024-01-31T23:00:00Z"),
    "10.0.0.2",
    "alice",
    "GET",
    "/shop?item=7&sort=price",
    "/shop",
    "item=7&sort=price",
    V1,
    200n,
    2500n,
    "https://example.com/",
    MOZILLA,
  ],
  [
    micros("2024-01-31T23:30:00Z"),
    "10.0.0.1",
    null,
    "GET",
    "/shop?item=8",
    "/shop",
    "item=8",
    V1,
    200n,
    1500n,
    null,
    "curl/8.5",
  ],
  [micros("2024-02-01T00:00:00Z"), "10.0.0.3", null, "POST", "/cart", "/cart", null, V1, 302n, null, null, MOZILLA],
  [
    micros("2024-02-01T00:10:00Z"),
    "10.0.0.3",
    null,
    "GET",
    "/missing",
    "/missing",
    null,
    V1,
    404n,
    321n,
    null,
    'bot \\"x\\"',
  ],
  [
    micros("2024-02-01T00:59:59Z"),
    "10.0.0.4",
    null,
    "GET",
    "/missing",
    "/missing",
    null,
    "HTTP/2.0",
    404n,
    321n,
    null,
    null,
  ],
  [micros("2024-02-01T00:00:00Z"), "10.0.0.4", null, null, null, null, null, null, 400n, 0n, null, null],
  [
    micros("2024-02-01T02:00:00Z"),
    "10.0.0.5",
    null,
    "GET",
    "/slow",
    "/slow",
    null,
    V1,
    500n,
    9007199254740993n,
    null,
    MOZILLA,
  ],
];

export const SHOP_LOG: GeneratedLog = { format: "combined", fields: FIELDS, text: "", rows: ROWS, unparsed: 1 };
