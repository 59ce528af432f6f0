/** The access logs of Apache, nginx and Traefik. They need the line through `bytes`; what follows may be missing. */

import { type Derivation, type FieldOperation, type Format, fieldsNamed } from "./format.js";

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

const VIRTUAL_HOST: readonly FieldOperation[] = [
  { kind: "until", delimiter: ":", field: "host" },
  { kind: "until", delimiter: " ", field: null },
];

const REFERER_AND_AGENT: readonly FieldOperation[] = [
  { kind: "quoted", field: "referer" },
  { kind: "literal", text: " " },
  { kind: "quoted", field: "user_agent" },
];

/** Method, URL, protocol, path and query of a `request`. */
export const REQUEST_PARTS: readonly Derivation[] = [
  { kind: "request", from: "request", method: "method", url: "url", protocol: "protocol" },
  { kind: "url", from: "url", path: "path", query: "query" },
];

const COMMON_NAMES = [
  "time",
  "remote_addr",
  "remote_user",
  "method",
  "url",
  "path",
  "query",
  "protocol",
  "status",
  "bytes",
];
const COMBINED_NAMES = [...COMMON_NAMES, "referer", "user_agent"];

export const COMMON: Format = {
  name: "common",
  description: "Common Log Format of Apache and nginx; text behind the bytes is ignored",
  required: THROUGH_BYTES,
  optional: [],
  derivations: REQUEST_PARTS,
  fields: fieldsNamed(...COMMON_NAMES),
};

export const COMBINED: Format = {
  name: "combined",
  description: "Combined Log Format of Apache and nginx: common with referer and user agent",
  required: THROUGH_BYTES,
  optional: REFERER_AND_AGENT,
  derivations: REQUEST_PARTS,
  fields: fieldsNamed(...COMBINED_NAMES),
};

export const VCOMMON: Format = {
  ...COMMON,
  name: "vcommon",
  description: "Common Log Format behind a virtual host and its port",
  required: [...VIRTUAL_HOST, ...THROUGH_BYTES],
  fields: fieldsNamed(...COMMON_NAMES, "host"),
};

export const VCOMBINED: Format = {
  ...COMBINED,
  name: "vcombined",
  description: "Combined Log Format behind a virtual host and its port",
  required: [...VIRTUAL_HOST, ...THROUGH_BYTES],
  fields: fieldsNamed(...COMBINED_NAMES, "host"),
};

export const TRAEFIK: Format = {
  ...COMBINED,
  name: "traefikclf",
  description: "Traefik's common format: combined with the router, the server and the milliseconds taken",
  optional: [
    ...REFERER_AND_AGENT,
    { kind: "literal", text: " " },
    { kind: "until", delimiter: " ", field: null },
    { kind: "quoted", field: "router" },
    { kind: "literal", text: " " },
    { kind: "quoted", field: "server_url" },
    { kind: "literal", text: " " },
    { kind: "until", delimiter: "ms", field: "milliseconds" },
  ],
  derivations: [
    ...REQUEST_PARTS,
    { kind: "convert", from: "milliseconds", field: "request_time", conversion: { type: "f64", divisor: 1000 } },
  ],
  fields: fieldsNamed(...COMBINED_NAMES, "request_time", "router", "server_url"),
};
