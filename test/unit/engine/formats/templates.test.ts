import { describe, expect, test } from "vitest";
import { FormatError } from "../../../../src/engine/formats/format-error.js";
import { formatByName } from "../../../../src/engine/formats/formats.js";
import { field, plan, run, scanned } from "../plans.js";

const NGINX_COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const APACHE_COMBINED = '%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-agent}i\\"';
const LINE = '::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.1" 200 2326 "-" "say \\"hi\\""';

/** All groups of the fields of a line. */
const read = (format: string, line: string, ...names: readonly string[]): unknown =>
  run(
    line,
    plan({
      keys: names.map((name) => field(name, formatByName(format).fields.find((one) => one.name === name)?.type)),
    }),
    format,
  )[0]?.slice(0, -1);

describe("a template reads what it wrote:", () => {
  test.each([
    ["nginx", NGINX_COMBINED],
    ["Apache", APACHE_COMBINED],
  ])("the combined format of %s, as the known format does", (_name, template) => {
    const names = formatByName("combined").fields.map(({ name }) => name);
    for (const line of [LINE, LINE.replace("2326", "-"), LINE.replace(' "-"', ' "http://x/"'), LINE.slice(0, 80)]) {
      expect(read(template, line, ...names)).toEqual(read("combined", line, ...names));
    }
  });

  test.each([
    ["$".concat("{status}x$host"), "200xexample.org", ["status", "host"], [200n, "example.org"]],
    ["[$time_iso8601] $msec", "[2024-01-15T10:00:00+01:00] 1.5", ["time"], [1_705_309_200_000_000n]],
    ["$request_method $uri?$args", "GET /a?b", ["method", "path", "query"], ["GET", "/a", "b"]],
    ["$request_uri|$my_var", "/a?b|c", ["url", "path", "query", "my_var"], ["/a?b", "/a", "b", "c"]],
    ["%v:%p %h %D %{ms}T", "x.org:80 ::1 1500 7", ["host", "port", "request_time"], ["x.org", "80", 0.0015]],
    ["%h %% %!200,304{X-Id}i %<s", "a % b 404", ["remote_addr", "x_id", "status"], ["a", "b", 404n]],
    ["%{Content-Type}o\\t%s", "text/html\t200", ["mime_type", "status"], ["text/html", 200n]],
  ])("%s", (template, line, names, values) => {
    expect(read(template, line, ...names)).toEqual(values);
  });

  test("a line is a row if it parses through bytes", () => {
    const count = plan({});
    const template = "$status $body_bytes_sent $request_time";
    const text = "200 5 0.1\n200 5\n200 -\n200 x 0.1\n200\n\n";
    expect(scanned(text, count, template).counters).toMatchObject({ lines: 6, unparsed: 3 });
  });
});

describe("a bad template is quoted, and the place pointed at:", () => {
  test.each([
    ["$remote_addr $ x", "behind $ stands the name of a variable", 13],
    ["$status$host", "nothing parts this from what is before it", 7],
    ["%h %Z", "%Z is not a directive that logmr reads", 3],
    ["%h %{%Y}t", "%{%Y}t is not a directive", 3],
    ["%h 100%", "% is not a directive", 6],
    ["$host é", "templates are printable ASCII", 6],
  ])("%s", (template, problem, at) => {
    expect(() => formatByName(template)).toThrow(FormatError);
    expect(() => formatByName(template)).toThrow(problem);
    expect(() => formatByName(template)).toThrow(`\n  ${template}\n  ${" ".repeat(at)}^`);
  });
});
