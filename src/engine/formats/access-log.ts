/** The access logs of Apache and nginx. Both formats need the line through `bytes`; what follows may be missing. */

import { COMMON_FIELDS, type Derivation, type FieldOperation, type FieldSpec, type Format } from "./format.js";

const THROUGH_BYTES: readonly FieldOperation[] = [
  { kind: "until", delimiter: " ", field: "remote_addr" },
  { kind: "until", delimiter: " ", field: null },
  { kind: "until", delimiter: " [", field: "remote_user" },
  { kind: "clf-time", field: "time" },
  { kind: "literal", text: "] " },
  { kind: "quoted", field: "request" },
  { kind: "literal", text: " " },
  { kind: "integer", delimiter: " ", mayEnd: false, field: "status" },
  { kind: "integer", delimiter: " ", mayEnd: true, field: "bytes" },
];

const REQUEST_PARTS: readonly Derivation[] = [
  { kind: "request", from: "request", method: "method", url: "url", protocol: "protocol" },
  { kind: "url", from: "url", path: "path", query: "query" },
];

const FIELDS: readonly FieldSpec[] = [
  { name: "time", type: "timestamp", description: "when the request was received" },
  { name: "remote_addr", type: "string", description: "the client's address or host name" },
  { name: "remote_user", type: "string", description: "the authenticated user" },
  { name: "method", type: "string", description: "the request's method, such as GET" },
  { name: "url", type: "string", description: "the request's target, with its query" },
  { name: "path", type: "string", description: "the target up to the first ?" },
  { name: "query", type: "string", description: "the target behind the first ?" },
  { name: "protocol", type: "string", description: "such as HTTP/1.1" },
  { name: "status", type: "i64", description: "the response's status code" },
  { name: "bytes", type: "i64", description: "bytes sent to the client" },
];

export const COMMON: Format = {
  name: "common",
  description: "Common Log Format of Apache and nginx; text behind the bytes is ignored",
  required: THROUGH_BYTES,
  optional: [],
  derivations: REQUEST_PARTS,
  fields: [...FIELDS, ...COMMON_FIELDS],
};

export const COMBINED: Format = {
  name: "combined",
  description: "Combined Log Format of Apache and nginx: common with referer and user agent",
  required: THROUGH_BYTES,
  optional: [
    { kind: "quoted", field: "referer" },
    { kind: "literal", text: " " },
    { kind: "quoted", field: "user_agent" },
  ],
  derivations: REQUEST_PARTS,
  fields: [
    ...FIELDS,
    { name: "referer", type: "string", description: "the page that the client came from" },
    { name: "user_agent", type: "string", description: "the client's name for itself" },
    ...COMMON_FIELDS,
  ],
};
