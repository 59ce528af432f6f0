/** nginx's `log_format`: text with `$variable` or `${variable}`. */

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
  remote_addr: { field: "remote_addr" },
  remote_user: { field: "remote_user" },
  time_local: { field: "time", time: "clf" },
  time_iso8601: { field: "time", time: "iso" },
  msec: { field: "time", time: { epoch: 1 } },
  request: { field: "request" },
  request_method: { field: "method" },
  request_uri: { field: "url" },
  uri: { field: "path" },
  document_uri: { field: "path" },
  args: { field: "query" },
  query_string: { field: "query" },
  server_protocol: { field: "protocol" },
  status: { field: "status", conversion: INTEGER },
  body_bytes_sent: { field: "bytes", conversion: INTEGER },
  bytes_sent: { field: "bytes", conversion: INTEGER },
  http_referer: { field: "referer" },
  http_user_agent: { field: "user_agent" },
  host: { field: "host" },
  http_host: { field: "host" },
  server_name: { field: "host" },
  request_time: { field: "request_time", conversion: SECONDS },
  upstream_response_time: { field: "upstream_time", conversion: SECONDS },
  upstream_cache_status: { field: "cache_status" },
  ssl_protocol: { field: "tls_protocol" },
  sent_http_content_type: { field: "mime_type" },
};

/** Throws a {@link FormatError} for a `$` without a name. A variable that has no contract name is a field of its own name. */
export function parseNginxTemplate(template: string): TemplateParts {
  requireAscii(template);
  const texts = [""];
  const variables: TemplateParts["variables"][number][] = [];
  const pattern = /\$(?:(\w+)|\{(\w+)\})|([^$]+)|(\$)/gy;
  for (const match of template.matchAll(pattern)) {
    const [, plain, braced, text, lone] = match;
    if (lone !== undefined) throw templateError(template, match.index, "behind $ stands the name of a variable");
    const name = plain ?? braced;
    if (name === undefined) {
      texts[texts.length - 1] += text ?? "";
      continue;
    }
    variables.push({ ...(KNOWN[name] ?? { field: plainName(name) }), at: match.index });
    texts.push("");
  }
  return { texts, variables };
}
