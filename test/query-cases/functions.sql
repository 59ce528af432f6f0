-- input: inputs/shop.log

-- A regular expression matches anywhere in the text.
SELECT url, url ~ 'item=\d' AS has_item, url !~ '^/shop' AS is_elsewhere LIMIT 3
----
url | has_item | is_elsewhere
/index.html | false | true
/shop?item=7&sort=price | true | false
/shop?item=8 | true | false

-- A regular expression filters and groups.
SELECT regexp_extract(url, '^/([a-z]*)', 1) AS first, count(*) WHERE user_agent ~ '(?i)MOZILLA' GROUP BY 1
----
first | count(*)
cart | 1
index | 1
shop | 1
slow | 1

-- Without a match an extract is empty, of NULL it is NULL.
SELECT regexp_extract(url, 'item=\d') AS item, regexp_matches(url, 'x') AS x WHERE status IN (302, 400)
----
item | x
 | false
NULL | NULL

-- A pattern of bytes beyond ASCII.
SELECT count(*) WHERE 'über' ~ '^.ber$' AND 'aü' ~ '[ä-ü]$' AND NOT 'a' ~ '[^a]'
----
count(*)
8

-- CASE before grouping.
SELECT CASE WHEN status >= 500 THEN 'server' WHEN status >= 400 THEN 'client' ELSE 'fine' END AS kind, count(*), sum(CASE WHEN bytes > 1000 THEN 1 ELSE 0 END) AS big GROUP BY kind
----
kind | count(*) | big
client | 3 | 0
fine | 4 | 2
server | 1 | 1

-- CASE of a subject, and without ELSE.
SELECT CASE status WHEN 404 THEN 'gone' END AS fate, count(*) GROUP BY 1
----
fate | count(*)
gone | 2
NULL | 6

-- Texts are joined, with whatever else as text.
SELECT method || ' ' || status AS what, count(*) GROUP BY 1
----
what | count(*)
GET 200 | 3
GET 404 | 2
GET 500 | 1
POST 302 | 1
NULL | 1

-- concat leaves NULLs out.
SELECT concat(method, '-', status) AS what WHERE status = 400
----
what
-400

-- Whole division goes towards zero, and by zero it is NULL.
SELECT 7 // 2 AS a, -7 // 2 AS b, bytes // 0 AS c, 7.0 // 2 AS d LIMIT 1
----
a | b | c | d
3 | -3 | NULL | 3.5

-- Conversions before grouping.
SELECT status::text AS s, bytes::double AS d, time::text AS t WHERE status::text LIKE '30%' OR bytes::double > 5e9
----
s | d | t
302 | NULL | 2024-02-01 00:00:00
500 | 9007199254740992 | 2024-02-01 02:00:00

-- Conversions from text.
SELECT '12'::bigint + status AS n, '2024-01-31'::timestamp AS t, user_agent::double AS d WHERE status = 302
----
n | t | d
314 | 2024-01-31T00:00:00Z | NULL

-- What stands for NULL, and what becomes NULL.
SELECT coalesce(bytes, 0) AS a, nullif(status, 200) AS b, ifnull(remote_user, '?') AS c, greatest(status, bytes) AS d, least(bytes, 1, NULL) AS e LIMIT 4
----
a | b | c | d | e
1000 | NULL | ? | 1000 | 1
2500 | NULL | alice | 2500 | 1
1500 | NULL | ? | 1500 | 1
0 | 302 | ? | 302 | 1

-- Parts of texts.
SELECT substring(url, 2, 4) AS a, substring(url, -4) AS b, left(url, 3) AS c, right(url, 2) AS d, split_part(url, '?', 2) AS e, replace(url, '/', '_') AS f LIMIT 2
----
a | b | c | d | e | f
inde | html | /in | ml |  | _index.html
shop | rice | /sh | ce | item=7&sort=price | _shop?item=7&sort=price

-- More of texts.
SELECT trim('  x ') AS a, ltrim('xxy', 'x') AS b, rtrim('y  ') AS c, strpos('abc', 'c') AS d, strlen('ü') AS e, length('ü') AS f, reverse('abc') AS g LIMIT 1
----
a | b | c | d | e | f | g
x | y | y | 3 | 2 | 1 | cba

-- Numbers.
SELECT abs(-5) AS a, round(2.5) AS b, round(-2.345, 2) AS c, floor(-1.5) AS d, ceil(1.2) AS e, sqrt(16) AS f, power(2, 10) AS g, sqrt(-1) AS h LIMIT 1
----
a | b | c | d | e | f | g | h
5 | 3 | -2.35 | -2 | 2 | 4 | 1024 | NULL

-- Buckets of time.
SELECT time_bucket('15 minutes', time) AS t, count(*) GROUP BY t ORDER BY t LIMIT 3
----
t | count(*)
2024-01-31T22:45:00Z | 1
2024-01-31T23:00:00Z | 1
2024-01-31T23:30:00Z | 1

-- Parts of time.
SELECT extract(hour FROM time) AS hour, date_part('dow', time) AS dow, month(time) AS month, dayofyear(time) AS day, week(time) AS week, count(*) GROUP BY ALL ORDER BY 1, 2, 3 LIMIT 3
----
hour | dow | month | day | week | count(*)
0 | 4 | 2 | 32 | 5 | 4
2 | 4 | 2 | 32 | 5 | 1
22 | 3 | 1 | 31 | 5 | 1

-- Times as numbers and as text.
SELECT epoch(time) AS seconds, epoch_ms(time) AS ms, strftime(time, '%Y-%m-%d %H:%M:%S %a %b %j') AS text, to_timestamp(1.5) AS t LIMIT 1
----
seconds | ms | text | t
1706741998 | 1706741998000 | 2024-01-31 22:59:58 Wed Jan 031 | 1970-01-01T00:00:01.5Z

-- Parts of URLs.
SELECT url_host(referer) AS host, url_path(url) AS path, url_param(url, 'sort') AS sort, url_param(url, 'x') AS x WHERE referer IS NOT NULL
----
host | path | sort | x
example.com | /shop | price | NULL

-- Networks of addresses.
SELECT ip_prefix(remote_addr) AS net, ip_prefix(remote_addr, 8) AS eight, ip_prefix('2001:db8:0:1::7', 64) AS six, ip_prefix('x') AS none, count(*) GROUP BY 1, 2
----
net | eight | six | none | count(*)
10.0.0.0/24 | 10.0.0.0/8 | 2001:db8:0:1::/64 | NULL | 8

-- User agents.
SELECT is_bot(user_agent) AS bot, ua_browser(user_agent) AS browser, ua_os('Mozilla/5.0 (X11; Linux x86_64)') AS os, count(*) GROUP BY 1, 2
----
bot | browser | os | count(*)
false | Other | Linux | 4
true | Bot | Linux | 1
true | curl | Linux | 1
NULL | NULL | Linux | 2

-- A part of a text that begins before it or behind it takes what lies inside.
SELECT substring('abc', -5, 3) AS a, substring('abc', -4, 2) AS b, substring('abc', 5, -2) AS c, substring('abc', 10, -8) AS d, substring('üxy', 0, 2) AS e, substring('abc', -1, -5) AS f LIMIT 1
----
a | b | c | d | e | f
a | a | c | bc | ü | ab

-- Whole division of doubles by zero is NULL too, the other one is infinite.
SELECT status, max(1e0 * status // nullif(bytes, bytes)) AS a, max(1e0 * status // (status - 404)) AS b, max(1e0 * status / (status - 404)) AS c WHERE status IN (302, 404) GROUP BY 1
----
status | a | b | c
302 | NULL | -2.9607843137254903 | -2.9607843137254903
404 | NULL | NULL | Infinity

-- There is no -0.
SELECT 1 / ceil(-0.5) AS a, 1 / round(-0.4) AS b, 1 / round(-1, -1) AS c LIMIT 1
----
a | b | c
Infinity | Infinity | Infinity

-- Times far away, and milliseconds before 1970.
SELECT to_timestamp(1e10) AS a, to_timestamp(-62135596800) AS b, epoch_ms(to_timestamp(-0.0015)) AS c LIMIT 1
----
a | b | c
2286-11-20T17:46:40Z | 0001-01-01T00:00:00Z | -1
