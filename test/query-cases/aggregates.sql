-- input: inputs/shop.log

-- Distinct values are counted exactly; NULL is none.
SELECT count(DISTINCT remote_addr) AS clients, count(DISTINCT status) AS statuses, count(DISTINCT referer) AS referers
----
clients | statuses | referers
5 | 5 | 1

-- Distinct values within groups, and only those that FILTER lets through.
SELECT method, count(DISTINCT remote_addr) AS clients, count(DISTINCT remote_addr) FILTER (WHERE status = 200) AS good GROUP BY method
----
method | clients | good
GET | 5 | 2
POST | 1 | 0
NULL | 1 | 0

-- A few distinct values are estimated exactly.
SELECT approx_count_distinct(remote_addr) AS clients, approx_count_distinct(referer) FILTER (WHERE status = 500) AS none
----
clients | none
5 | 0

-- Without a row, distinct counts are 0 and the others NULL.
SELECT count(DISTINCT url) AS urls, approx_count_distinct(url) AS about, min(url), median(bytes), p99(bytes), mode(url) WHERE status = 999
----
urls | about | min(url) | median(bytes) | p99(bytes) | mode(url)
0 | 0 | NULL | NULL | NULL | NULL

-- Text has extremes, in the order of its bytes.
SELECT min(url), max(url), min(DISTINCT url) FILTER (WHERE status >= 400) AS bad
----
min(url) | max(url) | bad
/cart | /slow | /missing

-- The first and the last value go by time, and at one time by their place in the file.
SELECT first(url), last(url), first(url) FILTER (WHERE status IN (302, 400)) AS a, last(url) FILTER (WHERE status IN (302, 400)) AS b
----
first(url) | last(url) | a | b
/index.html | /slow | /cart | NULL

-- Any value is the first that is there.
SELECT first(referer), any_value(referer), first(status), last(bytes)
----
first(referer) | any_value(referer) | first(status) | last(bytes)
NULL | https://example.com/ | 200 | 9007199254740993

-- The mode is the most frequent value, of several the lowest.
SELECT mode(status), mode(remote_addr)
----
mode(status) | mode(remote_addr)
200 | 10.0.0.1

-- A histogram is a JSON object in the order of its values.
SELECT histogram(status), histogram(method)
----
histogram(status) | histogram(method)
{"200":3,"302":1,"400":1,"404":2,"500":1} | {"GET":6,"POST":1}

-- The median is the mean of the two in the middle, a quantile a value that is there.
SELECT median(bytes), quantile(bytes, 0.5) AS half, quantile(bytes, 0.9) AS most, quantile(bytes, 0) AS least WHERE status < 500
----
median(bytes) | half | most | least
660.5 | 321 | 2500 | 0

-- Approximate quantiles are within one percent of the value.
SELECT p50(bytes), p99(bytes), approx_quantile(bytes, 0.5) AS half WHERE status = 200
----
p50(bytes) | p99(bytes) | half
1495 | 2511 | 1495

-- The standard deviation is that of a sample.
SELECT status, stddev(bytes) WHERE status IN (200, 404, 500) GROUP BY status
----
status | stddev(bytes)
200 | 763.7626158259734
404 | 0
500 | NULL

-- Doubles add up without rounding on the way.
SELECT sum(bytes::double + 0.1) AS total, avg(bytes::double) AS mean WHERE status = 200
----
total | mean
5000.3 | 1666.6666666666667
