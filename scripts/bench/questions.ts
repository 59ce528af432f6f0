/**
 * What is asked of every contender. Each peer has the fastest SQL found for it: ClickHouse cuts lines by position, DuckDB
 * by separator; neither parses what the question does not need. The log has no broken lines, so that equal answers do not
 * ask the peers to validate.
 */

/** 1 GiB of combined log, 600 MB of JSON lines, 256 MiB of combined log as gzip data. */
export type Input = "combined" | "json" | "gzip";

export interface Question {
  readonly id: string;
  readonly title: string;
  readonly input: Input;
  /** For logmr, instead of the detected one. */
  readonly format?: string;
  /** For logmr, over `logs`. */
  readonly sql: string;
  /** `{file}` stands for the path. */
  readonly clickhouse: string;
  readonly duckdb: string;
  /** Fields are separated by double quotes. */
  readonly awk?: string;
  /** For ripgrep, over whole lines: only where that gives the same count. */
  readonly ripgrep?: string;
  /** How far apart numbers of two answers may lie, as a share: for approximate functions. */
  readonly tolerance?: number;
  /** A peer's line in the words of logmr. */
  readonly normalize?: (line: string) => string;
}

const CLICKHOUSE_LINES = "file('{file}', 'LineAsString', 'line String')";
const DUCKDB_LINES =
  "read_csv('{file}', header=false, columns={'line':'VARCHAR'}, delim=chr(1), quote='', escape='', auto_detect=false)";

/** What follows the request: ` status bytes "referer" "user agent"`. */
const CLICKHOUSE_ANSWER = "substring(line, position(line, '\" ') + 2) AS answer";
const DUCKDB_STATUS = "split_part(split_part(line, '\"', 3), ' ', 2)";

/** ClickHouse's fast functions for JSON; its reader of JSON lines takes twice as long. */
const clickhouseText = (key: string): string => `simpleJSONExtractString(line, '${key}')`;
const duckdbJson = (columns: string): string => `read_json('{file}', format='newline_delimited', columns={${columns}})`;

/** logmr promises 1 % of the value; the digests of the engines bound ranks, and came within 2 % of it. */
const APPROXIMATE = 0.03;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `02/Mar/2026:10` as `2026-03-02T10:00:00Z`. */
const hourAsIso = (line: string): string =>
  line.replace(/(\d\d)\/(\w{3})\/(\d{4}):(\d\d)/, (_, day: string, month: string, year: string, hour: string) => {
    const number = String(MONTHS.indexOf(month) + 1).padStart(2, "0");
    return `${year}-${number}-${day}T${hour}:00:00Z`;
  });

/** ClickHouse writes a missing value as `\\N`. */
const withoutNull = (line: string): string => line.replace("\\N", "");

const COUNT_BY_STATUS = {
  sql: "SELECT status, count(*) AS hits FROM logs GROUP BY status ORDER BY status",
  clickhouse: `SELECT substring(line, position(line, '" ') + 2, 3) AS status, count() FROM ${CLICKHOUSE_LINES} GROUP BY status`,
  duckdb: `SELECT ${DUCKDB_STATUS}, count(*) FROM ${DUCKDB_LINES} GROUP BY 1`,
  awk: '{ split($3, answer, " "); hits[answer[1]]++ } END { for (status in hits) print status, hits[status] }',
};

export const QUESTIONS: readonly Question[] = [
  {
    id: "status",
    title: "count by status",
    input: "combined",
    ...COUNT_BY_STATUS,
  },
  {
    id: "urls",
    title: "top 10 URLs by sum(bytes)",
    input: "combined",
    sql: "SELECT url, sum(bytes) AS bytes FROM logs GROUP BY url ORDER BY bytes DESC LIMIT 10",
    clickhouse: `WITH splitByChar(' ', line) AS words
      SELECT words[7] AS url, sum(toUInt64OrZero(words[10])) AS bytes FROM ${CLICKHOUSE_LINES}
      GROUP BY url ORDER BY bytes DESC LIMIT 10`,
    duckdb: `SELECT split_part(line, ' ', 7), sum(try_cast(split_part(line, ' ', 10) AS BIGINT)) AS bytes
      FROM ${DUCKDB_LINES} GROUP BY 1 ORDER BY bytes DESC LIMIT 10`,
    awk: `{ split($3, answer, " "); if (split($2, request, " ") == 3) bytes[request[2]] += answer[2] } END {
      for (url in bytes) {
        sum = bytes[url]
        if (sum <= sums[10]) continue
        for (rank = 10; rank > 1 && sums[rank - 1] < sum; rank--) { sums[rank] = sums[rank - 1]; urls[rank] = urls[rank - 1] }
        sums[rank] = sum; urls[rank] = url
      }
      for (rank = 1; rank <= 10; rank++) printf "%s %.0f\\n", urls[rank], sums[rank]
    }`,
  },
  {
    id: "word",
    title: "lines with a word",
    input: "combined",
    // The peers look at plain lines too. As combined log each line would have to parse before it may count.
    format: "plain",
    sql: "SELECT count(*) FROM logs WHERE _raw LIKE '%lantern%'",
    clickhouse: `SELECT count() FROM ${CLICKHOUSE_LINES} WHERE line LIKE '%lantern%'`,
    duckdb: `SELECT count(*) FROM ${DUCKDB_LINES} WHERE contains(line, 'lantern')`,
    ripgrep: "lantern",
  },
  {
    id: "errors",
    title: "status >= 400 per hour",
    input: "combined",
    sql: "SELECT date_trunc('hour', time) AS hour, count(*) FROM logs WHERE status >= 400 GROUP BY hour",
    clickhouse: `SELECT substring(line, position(line, '[') + 1, 14) AS hour, count() FROM ${CLICKHOUSE_LINES}
      WHERE substring(line, position(line, '" ') + 2, 3) >= '400' GROUP BY hour`,
    duckdb: `SELECT line[instr(line, '[') + 1 : instr(line, '[') + 14], count(*) FROM ${DUCKDB_LINES}
      WHERE ${DUCKDB_STATUS} >= '400' GROUP BY 1`,
    normalize: hourAsIso,
  },
  {
    id: "referers",
    title: "top 10 referers",
    input: "combined",
    sql: `SELECT referer, count(*) AS hits FROM logs WHERE referer IS NOT NULL
      GROUP BY referer ORDER BY hits DESC, referer LIMIT 10`,
    clickhouse: `WITH ${CLICKHOUSE_ANSWER}, position(answer, '"') AS quote
      SELECT substring(answer, quote + 1, position(answer, '"', quote + 1) - quote - 1) AS referer, count() AS hits
      FROM ${CLICKHOUSE_LINES} WHERE referer != '-' GROUP BY referer ORDER BY hits DESC, referer LIMIT 10`,
    duckdb: `SELECT split_part(line, '"', 4) AS referer, count(*) AS hits FROM ${DUCKDB_LINES}
      WHERE referer != '-' GROUP BY 1 ORDER BY hits DESC, referer LIMIT 10`,
  },
  {
    id: "clients",
    title: "exact distinct clients",
    input: "combined",
    sql: "SELECT count(DISTINCT remote_addr) FROM logs",
    clickhouse: `SELECT uniqExact(substring(line, 1, position(line, ' ') - 1)) FROM ${CLICKHOUSE_LINES}`,
    duckdb: `SELECT count(DISTINCT split_part(line, ' ', 1)) FROM ${DUCKDB_LINES}`,
  },
  {
    id: "agents",
    title: "user agents that match",
    input: "combined",
    sql: "SELECT count(*) FROM logs WHERE user_agent ~ 'Firefox/1[0-9]+'",
    clickhouse: `SELECT count() FROM ${CLICKHOUSE_LINES} WHERE match(splitByChar('"', line)[6], 'Firefox/1[0-9]+')`,
    duckdb: `SELECT count(*) FROM ${DUCKDB_LINES} WHERE regexp_matches(split_part(line, '"', 6), 'Firefox/1[0-9]+')`,
    ripgrep: "Firefox/1[0-9]+",
  },
  {
    id: "sizes",
    title: "p99 of bytes by status",
    input: "combined",
    sql: "SELECT status, p99(bytes) FROM logs GROUP BY status",
    clickhouse: `WITH ${CLICKHOUSE_ANSWER}, position(answer, ' ', 5) AS behind
      SELECT substring(answer, 1, 3) AS status, quantileTDigest(0.99)(toUInt64OrNull(substring(answer, 5, behind - 5)))
      FROM ${CLICKHOUSE_LINES} GROUP BY status`,
    duckdb: `SELECT ${DUCKDB_STATUS},
        approx_quantile(try_cast(split_part(split_part(line, '"', 3), ' ', 3) AS BIGINT), 0.99)
      FROM ${DUCKDB_LINES} GROUP BY 1`,
    tolerance: APPROXIMATE,
    normalize: withoutNull,
  },
  {
    id: "latency",
    title: "JSON: p99 of latency by level",
    input: "json",
    sql: "SELECT level, p99(latency_ms) FROM logs GROUP BY level",
    clickhouse: `SELECT ${clickhouseText("level")} AS level,
        quantileTDigest(0.99)(simpleJSONExtractFloat(line, 'latency_ms'))
      FROM ${CLICKHOUSE_LINES} GROUP BY level`,
    duckdb: `SELECT level, approx_quantile(latency_ms, 0.99)
      FROM ${duckdbJson("level: 'VARCHAR', latency_ms: 'DOUBLE'")} GROUP BY 1`,
    tolerance: APPROXIMATE,
  },
  {
    id: "paths",
    title: "JSON: top 10 paths by sum(bytes)",
    input: "json",
    sql: "SELECT path, sum(bytes) AS bytes FROM logs GROUP BY path ORDER BY bytes DESC LIMIT 10",
    clickhouse: `SELECT ${clickhouseText("path")} AS path, sum(simpleJSONExtractUInt(line, 'bytes')) AS bytes
      FROM ${CLICKHOUSE_LINES} GROUP BY path ORDER BY bytes DESC LIMIT 10`,
    duckdb: `SELECT path, sum(bytes) AS bytes FROM ${duckdbJson("path: 'VARCHAR', bytes: 'BIGINT'")}
      GROUP BY 1 ORDER BY bytes DESC LIMIT 10`,
  },
  {
    id: "gzip",
    title: "gzip: count by status",
    input: "gzip",
    ...COUNT_BY_STATUS,
  },
];
