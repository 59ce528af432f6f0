/** The error logs of nginx and Apache, and what Log4j writes by a usual pattern. */

import { type Format, fieldsNamed } from "./format.js";

export const NGINX_ERROR: Format = {
  name: "nginx-error",
  description: "nginx's error log",
  required: [
    { kind: "time", layout: "iso", field: "time" },
    { kind: "literal", text: " [" },
    { kind: "until", delimiter: "] ", field: "severity" },
    { kind: "until", delimiter: "#", field: "pid" },
    { kind: "until", delimiter: ": ", field: "thread" },
  ],
  optional: [{ kind: "rest", field: "message" }],
  derivations: [],
  fields: fieldsNamed("time", "severity", "pid", "thread", "message"),
};

export const APACHE_ERROR: Format = {
  name: "apache-error",
  description: "Apache's error log",
  required: [
    { kind: "literal", text: "[" },
    { kind: "time", layout: "ctime", field: "time" },
    { kind: "literal", text: "] [" },
    { kind: "until", delimiter: "]", field: "level" },
  ],
  optional: [
    { kind: "spaces" },
    { kind: "between", open: "[pid ", close: "] ", field: "process" },
    { kind: "between", open: "[client ", close: "] ", field: "client" },
    { kind: "rest", field: "message" },
  ],
  derivations: [
    { kind: "split-last", from: "level", delimiter: ":", before: "module", behind: "severity", whole: "behind" },
    { kind: "split-last", from: "process", delimiter: ":", before: "pid", behind: "thread", whole: "before" },
  ],
  fields: fieldsNamed("time", "severity", "module", "pid", "thread", "client", "message"),
};

export const LOG4J: Format = {
  name: "log4j",
  description: "Log4j with the pattern %d - %-5p [%t] - %m",
  required: [
    { kind: "time", layout: "iso", field: "time" },
    { kind: "literal", text: " - " },
    { kind: "until", delimiter: " ", field: "severity" },
    { kind: "spaces" },
    { kind: "literal", text: "[" },
    { kind: "until", delimiter: "] - ", field: "thread" },
  ],
  optional: [{ kind: "rest", field: "message" }],
  derivations: [],
  fields: fieldsNamed("time", "severity", "thread", "message"),
};
