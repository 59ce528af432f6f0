/** What the clusters are asked. Each call gives another plan with the same answer, so that nothing of it is stored. */

let questions = 0;

/** True of every row: it changes the plan, and no answer. */
function anything(): string {
  questions += 1;
  return `status <> ${1000 + questions}`;
}

/**
 * Heavy for each line and small in its answer: nearly all of the work is scanning. No two lines are alike, so that nothing of
 * what is computed of them is remembered, however many lines a node has seen. `files` is a glob.
 */
export function mapHeavy(files: string): string {
  return `SELECT split_part(split_part(_raw, '"', 6), '/', 1) AS product,
      count(*) AS hits, sum(bytes) AS bytes, p50(bytes) AS p50, p99(bytes) AS p99,
      max(length(split_part(_raw, ' ', 7))) AS longest,
      max(length(regexp_extract(_raw, '"([^"]*)"$', 1))) AS agent
    FROM 'web:${files}'
    WHERE ${anything()}
    GROUP BY product ORDER BY product`;
}

/** About as many groups as there are URLs for each day, so that the partials are a good part of the input. */
export function largeGroupBy(files: string): string {
  return `SELECT url, status, date_trunc('day', time) AS day, count(*) AS hits, sum(bytes) AS bytes FROM 'web:${files}'
    WHERE ${anything()} GROUP BY url, status, day ORDER BY bytes DESC, url, status, day LIMIT 20`;
}

/** A question of the bench beside other tools, of a cluster. */
export const asked = (sql: string, files: string): string =>
  sql.replace("FROM logs", `FROM 'web:${files}' WHERE ${anything()}`);
