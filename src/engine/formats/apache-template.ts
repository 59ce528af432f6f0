/** Apache's `LogFormat`: text with directives such as `%h`, `%>s`, `%{Referer}i`. */

import {
  INTEGER,
  plainName,
  requireAscii,
  SECONDS,
  type TemplateParts,
  templateError,
  type Variable,
} from "./template-parts.js";

const KNOWN: Readonly<Record<string, Variable>> = {
  h: { field: "remote_addr" },
  a: { field: "remote_addr" },
  l: { field: null },
  u: { field: "remote_user" },
  r: { field: "request" },
  s: { field: "status", conversion: INTEGER },
  b: { field: "bytes", conversion: INTEGER },
  B: { field: "bytes", conversion: INTEGER },
  O: { field: "bytes", conversion: INTEGER },
  I: { field: "received_bytes" },
  v: { field: "host" },
  V: { field: "host" },
  p: { field: "port" },
  m: { field: "method" },
  U: { field: "path" },
  q: { field: "query" },
  H: { field: "protocol" },
  T: { field: "request_time", conversion: SECONDS },
  D: { field: "request_time", conversion: { type: "f64", divisor: 1_000_000 } },
  A: { field: "local_addr" },
  f: { field: "file_name" },
  k: { field: "keepalives" },
  L: { field: "error_log_id" },
  P: { field: "pid" },
  R: { field: "handler" },
  S: { field: "transferred_bytes" },
  X: { field: "connection_status" },
};

const HEADERS: Readonly<Record<string, string>> = {
  "referer i": "referer",
  "user-agent i": "user_agent",
  "host i": "host",
  "content-type o": "mime_type",
  "x-cache o": "cache_status",
  "ssl_protocol x": "tls_protocol",
};

const ESCAPES: Readonly<Record<string, string>> = { '\\"': '"', "\\t": "\t", "\\\\": "\\", "%%": "%" };

/** Throws a {@link FormatError} for a directive that does not exist. `\"` and `\t` are meant as Apache reads them. */
export function parseApacheTemplate(template: string): TemplateParts {
  requireAscii(template);
  const texts = [""];
  const variables: TemplateParts["variables"][number][] = [];
  const addText = (text: string): void => {
    texts[texts.length - 1] += text;
  };
  const pattern = /(\\["t\\]|%%)|%[<>!,\d]*(?:\{([^}]*)\})?(\^?[A-Za-z]+?)?|([\s\S])/gy;
  for (const match of template.matchAll(pattern)) {
    const [all, escaped, argument, letter, text] = match;
    if (escaped !== undefined || text !== undefined) {
      addText(text ?? ESCAPES[escaped ?? ""] ?? "");
      continue;
    }
    if (letter === "t" && argument === undefined) {
      addText("[");
      variables.push({ field: "time", time: "clf", at: match.index });
      texts.push("]");
      continue;
    }
    const variable = variableOf(argument, letter);
    if (variable === undefined)
      throw templateError(template, match.index, `${all} is not a directive that logmr reads`);
    variables.push({ ...variable, at: match.index });
    texts.push("");
  }
  return { texts, variables };
}

function variableOf(argument: string | undefined, letter: string | undefined): Variable | undefined {
  if (letter === undefined) return undefined;
  if (argument === undefined) return KNOWN[letter];
  if (letter === "T") return timeTaken(argument);
  if (letter === "p" || letter === "P" || letter === "a" || letter === "h") return KNOWN[letter];
  if (!/^[ioCenx]$/.test(letter)) return undefined;
  return { field: HEADERS[`${argument.toLowerCase()} ${letter}`] ?? plainName(argument) };
}

function timeTaken(unit: string): Variable | undefined {
  const divisor = { s: 1, ms: 1000, us: 1_000_000 }[unit];
  return divisor === undefined ? undefined : { field: "request_time", conversion: { type: "f64", divisor } };
}
