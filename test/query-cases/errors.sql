-- input: inputs/shop.log

-- An unknown column is quoted, pointed at and corrected.
SELECT statsu, count(*) GROUP BY 1
----
error unknown-column
unknown column "statsu"; did you mean "status"?
  SELECT statsu, count(*) GROUP BY 1
         ^

-- An unknown column near nothing lists the columns.
SELECT count(*) WHERE xyzzyplugh = 1
----
error unknown-column
unknown column "xyzzyplugh"; the columns are time, remote_addr, remote_user, method, url, path, query, protocol, status, bytes, referer, user_agent, _raw, _file, _node
  SELECT count(*) WHERE xyzzyplugh = 1
                        ^

-- An unknown function is corrected.
SELECT cuont(*)
----
error unknown-function
unknown function "cuont"; did you mean "count"?
  SELECT cuont(*)
         ^

-- The place is shown on its own line of the query.
SELECT status,
  count(*)
FROM logs
WHERE statuss = 200
GROUP BY status
----
error unknown-column
unknown column "statuss"; did you mean "status"?
  WHERE statuss = 200
        ^

-- A long line is cut around the place.
SELECT count(*) AS some_long_alias_for_the_count, sum(bytes) AS another_long_alias_for_the_sum, max(bytez) AS mistaken, min(bytes) AS yet_another_alias
----
error unknown-column
unknown column "bytez"; did you mean "bytes"?
  …he_count, sum(bytes) AS another_long_alias_for_the_sum, max(bytez) AS mistaken, min(bytes) AS yet_an…
                                                               ^

-- A misspelt keyword is corrected.
SELECT status, count(*) GRUOP BY status
----
error syntax
expected a comma or a clause, found GRUOP; did you mean "GROUP"?
  SELECT status, count(*) GRUOP BY status
                          ^

-- A dangling clause says that the query ends.
SELECT count(*) WHERE
----
error syntax
expected an expression, but the query ends here
  SELECT count(*) WHERE
                       ^

-- JOIN is refused by name.
SELECT count(*) FROM logs JOIN other ON a = b
----
error not-supported
JOIN is not supported
  SELECT count(*) FROM logs JOIN other ON a = b
                            ^

-- A subquery is refused by name.
SELECT count(*) FROM (SELECT 1)
----
error not-supported
a subquery in FROM is not supported
  SELECT count(*) FROM (SELECT 1)
                       ^

-- A subquery in IN is refused by name.
SELECT count(*) WHERE status IN (SELECT 1)
----
error not-supported
a subquery is not supported; ask two queries instead
  SELECT count(*) WHERE status IN (SELECT 1)
                                   ^

-- A common table expression is refused by name.
WITH x AS (SELECT 1) SELECT count(*)
----
error not-supported
WITH (common table expressions) is not supported
  WITH x AS (SELECT 1) SELECT count(*)
  ^

-- A window function is refused by name.
SELECT count(*) OVER (PARTITION BY status)
----
error not-supported
window functions (count(…) OVER …) are not supported; use GROUP BY
  SELECT count(*) OVER (PARTITION BY status)
                  ^

-- UNION is refused by name.
SELECT count(*) UNION SELECT count(*)
----
error not-supported
UNION is not supported
  SELECT count(*) UNION SELECT count(*)
                  ^

-- Writing is refused by name.
DELETE FROM logs
----
error not-supported
DELETE is not supported: logmr only reads, with SELECT
  DELETE FROM logs
  ^

-- Only one statement is taken.
SELECT count(*); SELECT count(*)
----
error not-supported
only one statement at a time is supported
  SELECT count(*); SELECT count(*)
                   ^

-- A quantile of text is refused.
SELECT p99(url)
----
error type-mismatch
p99() takes numbers, but url is text
  SELECT p99(url)
             ^

-- The share of a quantile is a constant.
SELECT approx_quantile(bytes, 95)
----
error type-mismatch
the share of approx_quantile() must be a constant from 0 to 1, not 95
  SELECT approx_quantile(bytes, 95)
                                ^

-- A quantile needs its share.
SELECT quantile(bytes)
----
error type-mismatch
quantile() takes 2 arguments, a column and a share from 0 to 1, not 1
  SELECT quantile(bytes)
         ^

-- Other aggregates of distinct values are refused by name.
SELECT sum(DISTINCT bytes)
----
error not-supported
sum(DISTINCT …) is not supported yet; only count(DISTINCT …) is, or GROUP BY the expression
  SELECT sum(DISTINCT bytes)
         ^

-- A regular expression that is wrong is pointed into.
SELECT count(*) WHERE url ~ 'it''s (a|b'
----
error bad-literal
this group has no closing )
  SELECT count(*) WHERE url ~ 'it''s (a|b'
                                     ^

-- Looking ahead is refused: it cannot be done in linear time.
SELECT count(*) WHERE url ~ 'a(?=b)'
----
error bad-literal
looking ahead or behind cannot be done in linear time and is not supported
  SELECT count(*) WHERE url ~ 'a(?=b)'
                                 ^

-- Going back to a group is refused.
SELECT count(*) WHERE url ~ '(a)\1'
----
error bad-literal
going back to a group cannot be done in linear time
  SELECT count(*) WHERE url ~ '(a)\1'
                                  ^

-- A pattern whose repetitions multiply is refused.
SELECT count(*) WHERE url ~ '((a{1000}){1000}){1000}'
----
error bad-literal
the pattern is too large; repeat less
  SELECT count(*) WHERE url ~ '((a{1000}){1000}){1000}'
                               ^

-- A pattern must be a constant.
SELECT count(*) WHERE url ~ method
----
error not-supported
the pattern of ~ must be a constant
  SELECT count(*) WHERE url ~ method
                              ^

-- A group that the pattern lacks.
SELECT regexp_extract(url, '(a)', 2)
----
error bad-literal
the pattern has 1 groups, and 0 is the whole match
  SELECT regexp_extract(url, '(a)', 2)
                                    ^

-- A width must be above 0.
SELECT time_bucket('0 minutes', time), count(*) GROUP BY 1
----
error bad-literal
time_bucket takes a constant width above 0, such as '5 minutes', not '0 minutes'
  SELECT time_bucket('0 minutes', time), count(*) GROUP BY 1
                     ^

-- An unknown part of time lists the known ones.
SELECT extract(moon FROM time)
----
error bad-literal
date_part takes one of 'year', 'quarter', 'month', 'week', 'isoyear', 'day', 'dow', 'isodow', 'doy', 'hour', 'minute', 'second', 'millisecond', 'microsecond', 'epoch', not moon
  SELECT extract(moon FROM time)
                 ^

-- An unknown letter of a time format.
SELECT strftime(time, '%Q')
----
error bad-literal
strftime knows no %Q; it knows %Y %y %m %d %H %I %M %S %f %p %B %b %A %a %j %w %s %%
  SELECT strftime(time, '%Q')
                        ^

-- A function of numbers and times refuses text.
SELECT abs(url)
----
error type-mismatch
abs() takes an integer or a number, but url is text
  SELECT abs(url)
             ^

-- HAVING without groups points to WHERE.
SELECT url HAVING status = 404
----
error grouping
HAVING needs GROUP BY or an aggregate; use WHERE
  SELECT url HAVING status = 404
                    ^

-- A star beside an aggregate stands for columns that are not grouped.
SELECT *, count(*) FROM logs
----
error grouping
the column "time" in SELECT must be in GROUP BY or inside an aggregate
  SELECT *, count(*) FROM logs
         ^

-- A column outside of GROUP BY is pointed at.
SELECT url, count(*) GROUP BY status
----
error grouping
the column "url" in SELECT must be in GROUP BY or inside an aggregate
  SELECT url, count(*) GROUP BY status
         ^

-- An aggregate in WHERE points to HAVING.
SELECT status WHERE count(*) > 1 GROUP BY status
----
error grouping
the aggregate count() cannot stand in WHERE; use HAVING
  SELECT status WHERE count(*) > 1 GROUP BY status
                      ^

-- Aggregates do not nest.
SELECT sum(count(*))
----
error grouping
the aggregate count() cannot stand in the argument of sum()
  SELECT sum(count(*))
             ^

-- A position out of range says how many there are.
SELECT status, count(*) GROUP BY 3
----
error grouping
GROUP BY 3 is out of range: there are 2 selected expressions
  SELECT status, count(*) GROUP BY 3
                                   ^

-- Text and numbers are not compared.
SELECT count(*) WHERE url = status
----
error type-mismatch
url is text and status is an integer; convert one of them with CAST(… AS …)
  SELECT count(*) WHERE url = status
                              ^

-- A constant that is no number is pointed at.
SELECT count(*) WHERE status = 'abc'
----
error bad-literal
'abc' is not an integer
  SELECT count(*) WHERE status = 'abc'
                                 ^

-- A constant that is no time says how to write one.
SELECT count(*) WHERE time >= 'yesterday'
----
error bad-literal
'yesterday' is not a timestamp; write '2024-01-31 12:30:00'
  SELECT count(*) WHERE time >= 'yesterday'
                                ^

-- LIKE on a number says what to use.
SELECT count(*) WHERE status LIKE '4%'
----
error type-mismatch
LIKE compares text, but status is an integer; use = < > or IN
  SELECT count(*) WHERE status LIKE '4%'
                        ^

-- An unknown unit lists the known ones.
SELECT date_trunc('fortnight', time), count(*) GROUP BY 1
----
error bad-literal
date_trunc takes one of 'microsecond', 'millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year', not 'fortnight'
  SELECT date_trunc('fortnight', time), count(*) GROUP BY 1
                    ^

-- A sum of text names the column.
SELECT sum(url)
----
error type-mismatch
sum() takes numbers, but url is text
  SELECT sum(url)
             ^

-- A constant overflow is an error, not a wrapped number.
SELECT count(*) WHERE status = 9223372036854775807 + 1
----
error out-of-range
9223372036854775807 + 1 does not fit into a 64-bit integer; cast one side to DOUBLE
  SELECT count(*) WHERE status = 9223372036854775807 + 1
                                 ^

-- An unclosed text is pointed at.
SELECT count(*) WHERE url = 'abc
----
error syntax
this text has no closing quote (')
  SELECT count(*) WHERE url = 'abc
                              ^

-- Month intervals are refused.
SELECT count(*) WHERE time > now() - INTERVAL '1 month'
----
error not-supported
intervals of months and years have no fixed length; write days
  SELECT count(*) WHERE time > now() - INTERVAL '1 month'
                                       ^

-- An unknown table is corrected.
SELECT count(*) FROM lgos
----
error unknown-table
unknown table "lgos"; did you mean "logs"?
  SELECT count(*) FROM lgos
                       ^

-- The median of times is refused.
SELECT median(time)
----
error type-mismatch
median() takes numbers, but time is a timestamp
  SELECT median(time)
                ^

-- ILIKE with letters beyond a to z is refused.
SELECT count(*) WHERE url ILIKE '%É%'
----
error not-supported
ILIKE ignores the case of a to z only, and this pattern has other letters; use LIKE
  SELECT count(*) WHERE url ILIKE '%É%'
                                  ^

-- A number beyond the doubles is refused at its place.
SELECT count(*) WHERE status = 1e999
----
error bad-literal
the number is larger than any that can be computed with
  SELECT count(*) WHERE status = 1e999
                                 ^

-- A line that did not parse has no fields.
SELECT url FROM unparsed()
----
error unknown-column
unknown column "url"; the columns are _raw, _file, _node
  SELECT url FROM unparsed()
         ^

-- GROUP and ORDER need their BY.
SELECT status, count(*) GROUP status
----
error syntax
expected BY, found status
  SELECT status, count(*) GROUP status
                                ^

-- What is neither grouped nor aggregated has no meaning behind the groups.
SELECT status, max(bytes) AS most GROUP BY status HAVING bytes > 1
----
error grouping
the column "bytes" in HAVING must be in GROUP BY or inside an aggregate
  SELECT status, max(bytes) AS most GROUP BY status HAVING bytes > 1
                                                           ^
