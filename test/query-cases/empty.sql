-- input: inputs/empty.log

-- Counting nothing is one row of zero.
SELECT count(*) AS n, avg(bytes) AS mean
----
n | mean
0 | NULL

-- Grouping nothing is no row.
SELECT status, count(*) AS n GROUP BY status
----
status | n
