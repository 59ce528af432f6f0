/** Access logs of proxies: Squid, HAProxy, Caddy. */

import { REQUEST_PARTS } from "./access-log.js";
import { type Conversion, type FieldOperation, type Format, fieldsNamed, type KeyedField } from "./format.js";

const word = (field: string | null): FieldOperation => ({ kind: "until", delimiter: " ", field });
const part = (field: string | null): FieldOperation => ({ kind: "until", delimiter: "/", field });
const number = (field: string, mayEnd = false): FieldOperation => ({ kind: "integer", delimiter: " ", mayEnd, field });

export const SQUID: Format = {
  name: "squid",
  description: "Squid's native access log",
  required: [
    { kind: "time", layout: { epoch: 1 }, field: "time" },
    { kind: "spaces" },
    word("milliseconds"),
    word("remote_addr"),
    part("cache_status"),
    number("status"),
    number("bytes", true),
  ],
  optional: [
    word("method"),
    word("url"),
    word("remote_user"),
    part("hierarchy"),
    word("server_addr"),
    { kind: "until", delimiter: " ", mayEnd: true, field: "mime_type" },
  ],
  derivations: [
    { kind: "convert", from: "milliseconds", field: "request_time", conversion: { type: "f64", divisor: 1000 } },
    { kind: "url", from: "url", path: "path", query: "query" },
  ],
  fields: fieldsNamed(
    ...["time", "remote_addr", "remote_user", "method", "url", "path", "query", "status", "bytes", "request_time"],
    ...["cache_status", "mime_type", "hierarchy", "server_addr"],
  ),
};

export const HAPROXY: Format = {
  name: "haproxy",
  description: "HAProxy's HTTP log, as syslog writes it",
  required: [
    { kind: "until", delimiter: "]: ", field: null },
    { kind: "until", delimiter: " [", field: "client" },
    { kind: "time", layout: "clf-local", field: "time" },
    { kind: "literal", text: "] " },
    word("frontend"),
    part("backend"),
    word("server"),
    part(null),
    part(null),
    part(null),
    part("upstream_milliseconds"),
    word("milliseconds"),
    number("status"),
    number("bytes"),
  ],
  optional: [
    word(null),
    word(null),
    word("termination"),
    word(null),
    word(null),
    { kind: "between", open: "{", close: "} ", field: null },
    { kind: "between", open: "{", close: "} ", field: null },
    { kind: "quoted", field: "request" },
  ],
  derivations: [
    {
      kind: "split-last",
      from: "client",
      delimiter: ":",
      before: "remote_addr",
      behind: "client_port",
      whole: "before",
    },
    { kind: "convert", from: "milliseconds", field: "request_time", conversion: { type: "f64", divisor: 1000 } },
    {
      kind: "convert",
      from: "upstream_milliseconds",
      field: "upstream_time",
      conversion: { type: "f64", divisor: 1000 },
    },
    ...REQUEST_PARTS,
  ],
  fields: fieldsNamed(
    ...["time", "remote_addr", "method", "url", "path", "query", "protocol", "status", "bytes", "request_time"],
    ...["upstream_time", "frontend", "backend", "server", "termination"],
  ),
};

const TEXT: Conversion = { type: "string" };

function member(field: string, path: string, conversion: Conversion = TEXT, isRequired = false): KeyedField {
  return { field, path: path.split("."), conversion, isRequired };
}

export const CADDY: Format = {
  name: "caddy",
  description: "Caddy's JSON access log",
  required: [
    {
      kind: "json",
      fields: [
        member("time", "ts", { type: "timestamp", layout: { epoch: 1 } }, true),
        member("remote_addr", "request.remote_ip"),
        member("remote_user", "user_id"),
        member("method", "request.method", TEXT, true),
        member("url", "request.uri", TEXT, true),
        member("protocol", "request.proto"),
        member("status", "status", { type: "i64" }, true),
        member("bytes", "size", { type: "i64" }, true),
        member("referers", "request.headers.Referer"),
        member("user_agents", "request.headers.User-Agent"),
        member("host", "request.host"),
        member("request_time", "duration", { type: "f64" }),
        member("mime_types", "resp_headers.Content-Type"),
      ],
    },
  ],
  optional: [],
  derivations: [
    { kind: "url", from: "url", path: "path", query: "query" },
    { kind: "first", from: "referers", field: "referer" },
    { kind: "first", from: "user_agents", field: "user_agent" },
    { kind: "first", from: "mime_types", field: "mime_type" },
  ],
  fields: fieldsNamed(
    ...["time", "remote_addr", "remote_user", "method", "url", "path", "query", "protocol", "status", "bytes"],
    ...["referer", "user_agent", "host", "request_time", "mime_type"],
  ),
};
