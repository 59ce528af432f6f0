-- input: inputs/shop.log

-- Rows come as they lie in the file.
SELECT remote_addr, status
----
remote_addr | status
10.0.0.1 | 200
10.0.0.2 | 200
10.0.0.1 | 200
10.0.0.3 | 302
10.0.0.3 | 404
10.0.0.4 | 404
10.0.0.4 | 400
10.0.0.5 | 500

-- Repeated rows are all shown; DISTINCT shows each once.
SELECT status WHERE status = 404
----
status
404
404

-- DISTINCT rows come in the order of their columns.
SELECT DISTINCT status WHERE status >= 302
----
status
302
400
404
500

-- A star stands for the fields of the format.
SELECT * LIMIT 1 OFFSET 1
----
time | remote_addr | remote_user | method | url | path | query | protocol | status | bytes | referer | user_agent
2024-01-31T23:00:00Z | 10.0.0.2 | alice | GET | /shop?item=7&sort=price | /shop | item=7&sort=price | HTTP/1.1 | 200 | 2500 | https://example.com/ | Mozilla/5.0

-- A star among other columns keeps its place, and names stay distinct.
SELECT bytes AS b, *, status WHERE status = 500
----
b | time | remote_addr | remote_user | method | url | path | query | protocol | status | bytes | referer | user_agent | status_1
9007199254740993 | 2024-02-01T02:00:00Z | 10.0.0.5 | NULL | GET | /slow | /slow | NULL | HTTP/1.1 | 500 | 9007199254740993 | NULL | Mozilla/5.0 | 500

-- Expressions of rows, of the kernels and of the finish half.
SELECT bytes + 1 AS more, upper(method) AS m, CASE WHEN bytes > 1000 THEN 'big' ELSE 'small' END AS size, bytes::text AS t WHERE status = 200
----
more | m | size | t
1001 | GET | small | 1000
2501 | GET | big | 2500
1501 | GET | big | 1500

-- ORDER BY with NULLS last, ties by the remaining columns.
SELECT bytes, url ORDER BY bytes DESC
----
bytes | url
9007199254740993 | /slow
2500 | /shop?item=7&sort=price
1500 | /shop?item=8
1000 | /index.html
321 | /missing
321 | /missing
0 | NULL
NULL | /cart

-- ORDER BY what is not shown.
SELECT url ORDER BY time DESC LIMIT 2
----
url
/slow
/missing

-- ORDER BY an expression that only the finish half computes.
SELECT url, status ORDER BY CASE WHEN status = 302 THEN 0 ELSE 1 END, status DESC LIMIT 3
----
url | status
/cart | 302
/slow | 500
/missing | 404

-- LIMIT takes the first rows of the file.
SELECT url WHERE status = 200 LIMIT 2
----
url
/index.html
/shop?item=7&sort=price

-- LIMIT 0 shows no row.
SELECT url LIMIT 0
----
url

-- OFFSET without LIMIT skips rows.
SELECT status OFFSET 6
----
status
400
500

-- No row matches.
SELECT url WHERE status = 999
----
url

-- Constants are shown once a row.
SELECT 1 AS one, 'x' AS x WHERE status = 404
----
one | x
1 | x
1 | x

-- The whole line and its file.
SELECT _raw WHERE status = 400
----
_raw
10.0.0.4 - - [01/Feb/2024:01:00:00 +0100] "-" 400 0 "-" "-"

-- Lines that are no rows.
SELECT _raw FROM unparsed()
----
_raw
this line is no access log

-- Lines that are no rows are filtered, grouped and counted like others.
SELECT length(_raw) AS n, count(*) FROM unparsed(logs) WHERE _raw ~ 'access' GROUP BY 1
----
n | count(*)
26 | 1

-- A name that a field and an alias have is the alias in ORDER BY, within an expression the field.
SELECT -status AS status WHERE status > 302 ORDER BY status + 0
----
status
-400
-404
-404
-500
