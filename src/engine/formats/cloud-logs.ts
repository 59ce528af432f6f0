/** Access logs of Amazon's and Google's load balancers, stores and delivery networks. Required through status and bytes. */

import { REQUEST_PARTS } from "./access-log.js";
import { type Conversion, type FieldOperation, type Format, fieldsNamed, type RecordField } from "./format.js";

const skipped: FieldOperation = { kind: "until", delimiter: " ", field: null };
const word = (field: string): FieldOperation => ({ kind: "until", delimiter: " ", field });
const number = (field: string): FieldOperation => ({ kind: "integer", delimiter: " ", mayEnd: false, field });
const space: FieldOperation = { kind: "literal", text: " " };

/** From the client's address through the bytes that were sent, for both kinds of load balancer. */
const BALANCED: readonly FieldOperation[] = [
  word("client"),
  word("target"),
  skipped,
  word("target_seconds"),
  skipped,
  number("status"),
  skipped,
  number("received_bytes"),
  number("bytes"),
];

const BALANCED_PARTS: Format["derivations"] = [
  { kind: "split-last", from: "client", delimiter: ":", before: "remote_addr", behind: "client_port", whole: "before" },
  { kind: "convert", from: "target_seconds", field: "request_time", conversion: { type: "f64" } },
  { kind: "convert", from: "target_seconds", field: "upstream_time", conversion: { type: "f64" } },
  ...REQUEST_PARTS,
];

const BALANCED_NAMES = ["time", "remote_addr", "method", "url", "path", "query", "protocol", "status", "bytes"];
const BALANCED_MORE = ["user_agent", "request_time", "upstream_time", "tls_protocol"];

export const AWS_ELB: Format = {
  name: "awselb",
  description: "Amazon's classic load balancer",
  required: [{ kind: "time", layout: "iso", field: "time" }, space, skipped, ...BALANCED],
  optional: [
    { kind: "quoted", field: "request" },
    space,
    { kind: "quoted", field: "user_agent" },
    space,
    skipped,
    { kind: "until", delimiter: " ", mayEnd: true, field: "tls_protocol" },
  ],
  derivations: BALANCED_PARTS,
  fields: fieldsNamed(...BALANCED_NAMES, ...BALANCED_MORE),
};

export const AWS_ALB: Format = {
  name: "awsalb",
  description: "Amazon's application load balancer",
  required: [word("type"), { kind: "time", layout: "iso", field: "time" }, space, skipped, ...BALANCED],
  optional: AWS_ELB.optional,
  derivations: BALANCED_PARTS,
  fields: fieldsNamed(...BALANCED_NAMES, ...BALANCED_MORE, "type"),
};

export const AWS_S3: Format = {
  name: "awss3",
  description: "Amazon's object store",
  required: [
    skipped,
    word("bucket"),
    { kind: "literal", text: "[" },
    { kind: "clf-time", field: "time" },
    { kind: "literal", text: "] " },
    word("remote_addr"),
    word("remote_user"),
    skipped,
    word("operation"),
    word("key"),
    { kind: "quoted", field: "request" },
    space,
    number("status"),
    word("error_code"),
    number("bytes"),
  ],
  optional: [
    skipped,
    word("milliseconds"),
    skipped,
    { kind: "quoted", field: "referer" },
    space,
    { kind: "quoted", field: "user_agent" },
    space,
    skipped,
    skipped,
    skipped,
    skipped,
    skipped,
    word("host"),
    { kind: "until", delimiter: " ", mayEnd: true, field: "tls_protocol" },
  ],
  derivations: [
    { kind: "convert", from: "milliseconds", field: "request_time", conversion: { type: "f64", divisor: 1000 } },
    ...REQUEST_PARTS,
  ],
  fields: fieldsNamed(
    ...["time", "remote_addr", "remote_user", "method", "url", "path", "query", "protocol", "status", "bytes"],
    ...["referer", "user_agent", "host", "request_time", "tls_protocol", "bucket", "operation", "key", "error_code"],
  ),
};

const tab = (field: string | null): FieldOperation => ({ kind: "until", delimiter: "\t", field });
const lastTab = (field: string): FieldOperation => ({ kind: "until", delimiter: "\t", mayEnd: true, field });

export const CLOUDFRONT: Format = {
  name: "cloudfront",
  description: "Amazon's delivery network, standard logs",
  required: [
    { kind: "not", character: "#" },
    { kind: "time", layout: "iso", field: "time" },
    { kind: "literal", text: "\t" },
    tab("edge"),
    { kind: "integer", delimiter: "\t", mayEnd: false, field: "bytes" },
    tab("remote_addr"),
    tab("method"),
    tab("distribution"),
    tab("path"),
    { kind: "integer", delimiter: "\t", mayEnd: true, field: "status" },
  ],
  optional: [
    ...[tab("referer"), tab("user_agent"), tab("query"), tab(null), tab("cache_status"), tab(null), tab("host")],
    ...[tab(null), tab(null), tab("seconds"), tab(null), tab("tls_protocol"), tab(null), tab(null)],
    lastTab("protocol"),
  ],
  derivations: [
    { kind: "join-url", from: "path", query: "query", url: "url" },
    { kind: "convert", from: "seconds", field: "request_time", conversion: { type: "f64" } },
  ],
  fields: fieldsNamed(
    ...["time", "remote_addr", "method", "url", "path", "query", "protocol", "status", "bytes", "referer"],
    ...["user_agent", "host", "request_time", "cache_status", "tls_protocol", "edge", "distribution"],
  ),
};

const column = (field: string, conversion: Conversion = { type: "string" }, isRequired = false): RecordField => ({
  field,
  conversion,
  isRequired,
});

export const CLOUD_STORAGE: Format = {
  name: "cloudstorage",
  description: "Google's object store",
  required: [
    {
      kind: "csv",
      delimiter: ",",
      header:
        '"time_micros","c_ip","c_ip_type","c_ip_region","cs_method","cs_uri","sc_status","cs_bytes","sc_bytes",' +
        '"time_taken_micros","cs_host","cs_referer","cs_user_agent","s_request_id","cs_operation","cs_bucket","cs_object"',
      columns: [
        column("time", { type: "timestamp", layout: { epoch: 1_000_000 } }, true),
        column("remote_addr", { type: "string" }, true),
        null,
        null,
        column("method"),
        column("url"),
        column("status", { type: "i64" }, true),
        null,
        column("bytes", { type: "i64" }),
        column("request_time", { type: "f64", divisor: 1_000_000 }),
        column("host"),
        column("referer"),
        column("user_agent"),
        null,
        column("operation"),
        column("bucket"),
        column("object"),
      ],
    },
  ],
  optional: [],
  derivations: [{ kind: "url", from: "url", path: "path", query: "query" }],
  fields: fieldsNamed(
    ...["time", "remote_addr", "method", "url", "path", "query", "status", "bytes", "referer", "user_agent"],
    ...["host", "request_time", "operation", "bucket", "object"],
  ),
};
