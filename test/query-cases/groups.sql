-- input: inputs/shop.log

-- Counts by status come in the order of the keys.
SELECT status, count(*) AS hits GROUP BY status
----
status | hits
200 | 3
302 | 1
400 | 1
404 | 2
500 | 1

-- An alias in ORDER BY, descending, ties by the remaining columns.
SELECT status, count(*) AS hits FROM logs GROUP BY status ORDER BY hits DESC
----
status | hits
200 | 3
404 | 2
302 | 1
400 | 1
500 | 1

-- Positions in GROUP BY and ORDER BY.
SELECT method, status, count(*) GROUP BY 1, 2 ORDER BY 3 DESC, 1 DESC
----
method | status | count(*)
GET | 200 | 3
GET | 404 | 2
POST | 302 | 1
GET | 500 | 1
NULL | 400 | 1

-- NULLs go last in both directions.
SELECT status, sum(bytes) AS sent GROUP BY status ORDER BY sent DESC
----
status | sent
500 | 9007199254740993
200 | 5000
404 | 642
400 | 0
302 | NULL

-- NULLS FIRST is heeded.
SELECT status, sum(bytes) AS sent GROUP BY status ORDER BY sent NULLS FIRST LIMIT 2
----
status | sent
302 | NULL
400 | 0

-- LIMIT and OFFSET cut the ordered groups.
SELECT status GROUP BY status ORDER BY status LIMIT 2 OFFSET 1
----
status
302
400

-- Big integers keep all their digits.
SELECT max(bytes), sum(bytes) WHERE status >= 500
----
max(bytes) | sum(bytes)
9007199254740993 | 9007199254740993

-- A filter of an aggregate.
SELECT count(*) AS all_hits, count(*) FILTER (WHERE status >= 400) AS errors, sum(bytes) FILTER (WHERE method = 'POST') AS posted
----
all_hits | errors | posted
8 | 4 | NULL

-- HAVING filters groups.
SELECT url, count(*) AS n GROUP BY url HAVING n > 1
----
url | n
/missing | 2

-- The mean is a number, NULL without values.
SELECT status, avg(bytes) GROUP BY status HAVING status < 404
----
status | avg(bytes)
200 | 1666.6666666666667
302 | NULL
400 | 0

-- Hours across midnight, with zones.
SELECT date_trunc('hour', time) AS hour, count(*) GROUP BY hour
----
hour | count(*)
2024-01-31T22:00:00Z | 1
2024-01-31T23:00:00Z | 2
2024-02-01T00:00:00Z | 4
2024-02-01T02:00:00Z | 1

-- Parts of the URL.
SELECT path, query, count(*) GROUP BY path, query HAVING query IS NOT NULL
----
path | query | count(*)
/shop | item=7&sort=price | 1
/shop | item=8 | 1

-- DISTINCT is grouping.
SELECT DISTINCT method ORDER BY method DESC
----
method
POST
GET
NULL

-- GROUP BY ALL groups by everything without an aggregate.
SELECT method, status, count(*) GROUP BY ALL ORDER BY count(*) DESC LIMIT 1
----
method | status | count(*)
GET | 200 | 3

-- Expressions over keys are computed after grouping.
SELECT status, status / 100 AS ratio, status >= 400 AS bad, CASE WHEN status >= 500 THEN 'server' WHEN status >= 400 THEN 'client' ELSE 'fine' END AS kind GROUP BY status
----
status | ratio | bad | kind
200 | 2 | false | fine
302 | 3.02 | false | fine
400 | 4 | true | client
404 | 4.04 | true | client
500 | 5 | true | server

-- A class of statuses.
SELECT status_class(status) AS class, count(*) GROUP BY class
----
class | count(*)
2xx | 3
3xx | 1
4xx | 3
5xx | 1

-- A time range in WHERE.
SELECT count(*) WHERE time >= '2024-02-01' AND time < TIMESTAMP '2024-02-01 01:00:00'
----
count(*)
4

-- BETWEEN, IN, LIKE and ILIKE.
SELECT count(*) FILTER (WHERE status BETWEEN 400 AND 404) AS a, count(*) FILTER (WHERE status IN (200, 302)) AS b, count(*) FILTER (WHERE url LIKE '/shop%') AS c, count(*) FILTER (WHERE url ILIKE '%MISS_NG') AS d
----
a | b | c | d
3 | 4 | 2 | 2

-- NOT IN with a NULL is never true.
SELECT count(*) WHERE status NOT IN (200, NULL)
----
count(*)
0

-- NULL is neither equal nor unequal.
SELECT count(*) FILTER (WHERE bytes = 0) AS zero, count(*) FILTER (WHERE bytes <> 0) AS other, count(*) FILTER (WHERE bytes IS NULL) AS missing, count(bytes) AS known
----
zero | other | missing | known
1 | 6 | 1 | 7

-- No matching row is one row of zero without GROUP BY.
SELECT count(*), sum(bytes), min(time) WHERE status = 999
----
count(*) | sum(bytes) | min(time)
0 | NULL | NULL

-- No matching row is no row with GROUP BY.
SELECT status, count(*) WHERE status = 999 GROUP BY status
----
status | count(*)

-- A condition that is never true reads everything and finds nothing.
SELECT count(*) WHERE 1 = 2
----
count(*)
0

-- Two columns of one name are told apart.
SELECT status, status, count(*) AS status GROUP BY 1 LIMIT 1
----
status | status_1 | status_2
200 | 200 | 3

-- First and last moments.
SELECT min(time) AS first, max(time) AS last
----
first | last
2024-01-31T22:59:58Z | 2024-02-01T02:00:00Z

-- Case is folded before and after grouping alike.
SELECT lower(method) AS before, count(*) FILTER (WHERE url ILIKE '/SHOP%') AS shop GROUP BY 1 HAVING upper(before) LIKE 'P_ST'
----
before | shop
post | 0

-- Text is made of groups' values.
SELECT status::text AS text, min(time)::text AS since GROUP BY status LIMIT 1
----
text | since
200 | 2024-01-31 22:59:58

-- A condition that is a key is found within another.
SELECT status BETWEEN 200 AND 299 AS good, count(*) GROUP BY 1 HAVING NOT (status BETWEEN 200 AND 299) AND count(*) > 1 OR (status BETWEEN 200 AND 299 AND count(*) > 2)
----
good | count(*)
false | 5
true | 3

-- A name that a field and an alias have is the field's where that is grouped or aggregated, otherwise the alias.
SELECT status, sum(bytes) AS bytes GROUP BY status HAVING bytes >= 0 AND max(bytes) < 3000 ORDER BY sum(bytes) DESC
----
status | bytes
200 | 5000
404 | 642
400 | 0

-- Also where they differ in type, and where the alias is of a key.
SELECT left(url, 5) AS url, max(length(url)) AS method GROUP BY 1 HAVING url LIKE '/s%' AND method > 4 ORDER BY method
----
url | method
/slow | 5
/shop | 23

-- Within an expression of ORDER BY the field comes first, alone the alias.
SELECT -status AS status, count(*) GROUP BY status ORDER BY status + 0
----
status | count(*)
-200 | 3
-302 | 1
-400 | 1
-404 | 2
-500 | 1
