import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { explainEmbedded } from "../../../src/node/embedded/explain.js";

const shop = join(dirname(fileURLToPath(import.meta.url)), "../../query-cases/inputs/shop.log");

const stepsOf = async (sql: string): Promise<readonly string[]> => {
  const { rows } = await explainEmbedded({ sql, files: [shop], threads: 2 });
  return rows.map(([step, detail]) => `${step}: ${String(detail).replace(shop, "shop.log")}`);
};

describe("an explanation", () => {
  it("shows the files, what is read, and each step of grouping", async () => {
    expect(
      await stepsOf(
        `SELECT url, sum(bytes) AS s, count(*) FILTER (WHERE NOT method LIKE 'P%') AS n WHERE status >= 500 AND url ~ '^/a'
         GROUP BY url HAVING s > 10 ORDER BY s DESC LIMIT 5 OFFSET 2`,
      ),
    ).toEqual([
      "file: shop.log: combined, 770 B",
      "read: 770 B of 1 file at most",
      "scan: 1 thread, 1 range",
      "fields: bytes, method, status, url",
      "filter: ((status >= 500) AND (url ~ '^/a'))",
      "group: url",
      "aggregate: count(*) FILTER (WHERE NOT (method LIKE 'P%')), sum(bytes)",
      "having: (sum(bytes) > 10)",
      "show: url AS url, sum(bytes) AS s, count(*) FILTER (WHERE NOT (method LIKE 'P%')) AS n",
      "order: sum(bytes) DESC",
      "limit: 5",
      "offset: 2",
    ]);
  });

  it("says whether reading stops early", async () => {
    expect(await stepsOf("SELECT url LIMIT 3")).toContain("rows: the first 3 of the input; then reading stops");
    expect(await stepsOf("SELECT url ORDER BY bytes LIMIT 3")).toContain(
      "rows: the first 3 in order, of all that pass",
    );
    expect(await stepsOf("SELECT url")).toContain("rows: all that pass");
  });

  it("says that a query is about the lines that did not parse", async () => {
    expect(await stepsOf("SELECT _raw FROM unparsed()")).toContain("lines: those that are no rows of their format");
  });

  it("refuses what the query itself would be refused for", async () => {
    await expect(stepsOf("SELECT nothing")).rejects.toThrow('unknown column "nothing"');
  });
});
