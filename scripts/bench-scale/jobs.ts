/** What the clusters are asked. Each call gives another plan with the same answer, so that nothing of it is stored. */

let questions = 0;

/** True of every row: it changes the plan, and no answer. */
function anything(): string {
  questions += 1;
  return `status <> ${1000 + questions}`;
}

/** Heavy for each byte and small in its answer: nearly all of the work is scanning. `files` is a glob. */
export function mapHeavy(files: string): string {
  return `SELECT regexp_extract(lower(url), '/([a-z]+)') AS section,
      regexp_extract(lower(user_agent), '(chrome|firefox|safari)') AS browser,
      count(*) AS hits, sum(bytes) AS bytes, p50(bytes) AS p50, p99(bytes) AS p99,
      avg(length(regexp_extract(lower(referer), '://([^/]+)'))) AS host_letters,
      max(length(regexp_extract(lower(url), '[^/]*[0-9]+[^/]*'))) AS longest,
      sum(length(regexp_extract(lower(user_agent), '(windows|linux|mac)[^;)]*'))) AS system_letters
    FROM 'web:${files}'
    WHERE (lower(referer) ~ '[a-z]+/[a-z]+' OR lower(user_agent) ~ '(windows|linux|mac).*[0-9]')
      AND ${anything()}
    GROUP BY section, browser ORDER BY section, browser`;
}

/** As many groups as there are pairs of client and URL, so that the partials are a good part of the input. */
export function largeGroupBy(files: string): string {
  return `SELECT remote_addr, url, count(*) AS hits, sum(bytes) AS bytes FROM 'web:${files}'
    WHERE ${anything()} GROUP BY remote_addr, url ORDER BY bytes DESC, remote_addr, url LIMIT 20`;
}

/** A question of the bench beside other tools, of a cluster. */
export const asked = (sql: string, files: string): string =>
  sql.replace("FROM logs", `FROM 'web:${files}' WHERE ${anything()}`);
