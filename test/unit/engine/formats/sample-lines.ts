/** Lines as the documentation of each format shows them, with the fields that they hold. */

export interface SampleLines {
  /** A text that `formatByName` takes. */
  readonly format: string;
  readonly lines: readonly string[];
  /** Fields of the first line; a time as ISO 8601. */
  readonly first: Readonly<Record<string, string | number | boolean | null>>;
}

const AGENT = "Mozilla/5.0 (X11; Linux x86_64)";
const PREFIX = '203.0.113.9 - bob [10/Oct/2000:13:55:36 -0700] "GET /a/b?c=d HTTP/1.1" 200 2326';
const REQUEST = { method: "GET", url: "/a/b?c=d", path: "/a/b", query: "c=d", protocol: "HTTP/1.1" };
const COMMON = {
  time: "2000-10-10T20:55:36.000000Z",
  remote_addr: "203.0.113.9",
  remote_user: "bob",
  ...REQUEST,
  status: 200,
  bytes: 2326,
};
const CADDY =
  '{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"/x?y=1","headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"]},"tls":{"resumed":false}},"user_id":"","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Content-Type":["text/html"]}}';

export const SAMPLES: readonly SampleLines[] = [
  { format: "common", lines: [PREFIX, '::1 - - [29/Feb/2024:00:00:00 +0000] "-" 408 -'], first: COMMON },
  {
    format: "combined",
    lines: [`${PREFIX} "http://x/" "${AGENT}"`, `${PREFIX} "-" "a \\"b\\" c"`],
    first: { ...COMMON, referer: "http://x/", user_agent: AGENT },
  },
  { format: "vcommon", lines: [`example.org:443 ${PREFIX}`], first: { ...COMMON, host: "example.org" } },
  {
    format: "vcombined",
    lines: [`example.org:443 ${PREFIX} "-" "${AGENT}"`],
    first: { ...COMMON, host: "example.org", referer: null, user_agent: AGENT },
  },
  {
    format: "traefikclf",
    lines: [`${PREFIX} "-" "${AGENT}" 1 "router@docker" "http://10.0.0.2:80" 17ms`],
    first: {
      ...COMMON,
      user_agent: AGENT,
      router: "router@docker",
      server_url: "http://10.0.0.2:80",
      request_time: 0.017,
    },
  },
  {
    format: "awselb",
    lines: [
      '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
      '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 - -1 -1 -1 503 0 0 0 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2',
    ],
    first: {
      time: "2015-05-13T23:39:43.945958Z",
      remote_addr: "192.168.131.39",
      status: 200,
      bytes: 29,
      request_time: 0.001048,
      url: "http://www.example.com:80/",
      user_agent: "curl/7.38.0",
      tls_protocol: null,
    },
  },
  {
    format: "awsalb",
    lines: [
      'https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "-" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-"',
    ],
    first: { type: "https", status: 200, bytes: 57, request_time: 0.048, tls_protocol: "TLSv1.2", method: "GET" },
  },
  {
    format: "awss3",
    lines: [
      '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 - -',
    ],
    first: {
      bucket: "amzn-s3-demo-bucket1",
      operation: "REST.GET.VERSIONING",
      key: null,
      status: 200,
      error_code: null,
      bytes: 113,
      request_time: 0.007,
      user_agent: "S3Console/0.4",
      host: "amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com",
      tls_protocol: "TLSV1.2",
    },
  },
  {
    format: "cloudfront",
    lines: [
      "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows)\ta=b\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\td111111abcdef8.cloudfront.net\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-",
      "#Version: 1.0",
    ],
    first: {
      time: "2019-12-04T21:02:31.000000Z",
      remote_addr: "192.0.2.100",
      url: "/index.html?a=b",
      path: "/index.html",
      query: "a=b",
      status: 200,
      bytes: 392,
      cache_status: "Hit",
      protocol: "HTTP/2.0",
      tls_protocol: "TLSv1.2",
      request_time: 0.001,
    },
  },
  {
    format: "cloudstorage",
    lines: [
      '"1324488901987654","203.0.113.9","1","","GET","/bucket/a?b=c","200","0","1024","5000","storage.googleapis.com","","say ""hi""","AbC","GET_Object","bucket","a"',
      '"time_micros","c_ip","c_ip_type","c_ip_region","cs_method","cs_uri","sc_status","cs_bytes","sc_bytes","time_taken_micros","cs_host","cs_referer","cs_user_agent","s_request_id","cs_operation","cs_bucket","cs_object"',
    ],
    first: {
      method: "GET",
      status: 200,
      bytes: 1024,
      request_time: 0.005,
      user_agent: 'say "hi"',
      path: "/bucket/a",
      time: "2011-12-21T17:35:01.987654Z",
    },
  },
  {
    format: "squid",
    lines: [
      "1286536308.779    180 192.168.0.224 TCP_MISS/200 411 GET http://liveupdate.example/minitri.flg?x - DIRECT/125.23.216.203 text/plain",
      "1286536309.100      - 192.168.0.225 NONE/400 - - error:invalid-request - NONE/- text/html",
    ],
    first: {
      time: "2010-10-08T11:11:48.779000Z",
      request_time: 0.18,
      remote_addr: "192.168.0.224",
      cache_status: "TCP_MISS",
      status: 200,
      bytes: 411,
      method: "GET",
      path: "http://liveupdate.example/minitri.flg",
      hierarchy: "DIRECT",
      mime_type: "text/plain",
    },
  },
  {
    format: "haproxy",
    lines: [
      'Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html?x HTTP/1.1"',
      'Feb  6 12:14:14 localhost haproxy[14389]: ::1:33317 [06/Feb/2009:12:14:14.655] http-in http-in/<NOSRV> -1/-1/-1/-1/8 400 187 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"',
    ],
    first: {
      time: "2009-02-06T12:14:14.655000Z",
      remote_addr: "10.0.1.2",
      frontend: "http-in",
      backend: "static",
      server: "srv1",
      request_time: 0.109,
      upstream_time: 0.069,
      status: 200,
      bytes: 2750,
      path: "/index.html",
    },
  },
  {
    format: "caddy",
    lines: [CADDY, CADDY.replace('"size":10900,', "")],
    first: {
      time: "2022-03-09T21:30:01.524102Z",
      remote_addr: "127.0.0.1",
      method: "GET",
      url: "/x?y=1",
      path: "/x",
      status: 200,
      bytes: 10_900,
      user_agent: "curl/7.82.0",
      referer: null,
      host: "localhost",
      request_time: 0.000929675,
      mime_type: "text/html",
    },
  },
  {
    format: "nginx-error",
    lines: ['2023/01/15 10:20:30 [error] 1234#5678: *90 open() "/x" failed (2: No such file), client: 1.2.3.4'],
    first: {
      time: "2023-01-15T10:20:30.000000Z",
      severity: "error",
      pid: "1234",
      message: '*90 open() "/x" failed (2: No such file), client: 1.2.3.4',
    },
  },
  {
    format: "apache-error",
    lines: [
      "[Thu Jun 27 11:55:44.569531 2013] [core:info] [pid 4328:tid 12] [client 1.2.3.4:5678] AH00128: File does not exist",
      "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok",
    ],
    first: {
      time: "2013-06-27T11:55:44.569531Z",
      severity: "info",
      module: "core",
      pid: "4328",
      client: "1.2.3.4:5678",
      message: "AH00128: File does not exist",
    },
  },
  {
    format: "log4j",
    lines: ["2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]/0:0:0:0@774] - Notification time out: 3200"],
    first: {
      time: "2015-07-29T17:41:44.747000Z",
      severity: "INFO",
      thread: "QuorumPeer[myid=1]/0:0:0:0@774",
      message: "Notification time out: 3200",
    },
  },
  {
    format: "syslog:2006-01",
    lines: [
      "<34>Oct 11 22:14:15 mymachine su[230]: 'su root' failed for lonvick on /dev/pts/8",
      "Jan  1 00:00:00 combo sshd(pam_unix)[19939]: check pass",
      "Jan  1 00:00:00 combo syslogd 1.4.1: restart.",
    ],
    first: {
      time: "2005-10-11T22:14:15.000000Z",
      host: "mymachine",
      app: "su",
      pid: "230",
      severity: "crit",
      facility: "auth",
      message: "'su root' failed for lonvick on /dev/pts/8",
    },
  },
  {
    format: "syslog-iso",
    lines: ["2024-01-15T10:00:00.123456+01:00 host cron: done"],
    first: {
      time: "2024-01-15T09:00:00.123456Z",
      host: "host",
      app: "cron",
      pid: null,
      message: "done",
      severity: null,
    },
  },
  {
    format: "syslog5424",
    lines: [
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [ex@32473 iut="3" b="\\]"][y@1] An application event',
      "<34>1 - host app 12 - -",
    ],
    first: {
      time: "2003-10-11T22:14:15.003000Z",
      host: "mymachine.example.com",
      app: "evntslog",
      pid: null,
      message_id: "ID47",
      structured_data: '[ex@32473 iut="3" b="\\]"][y@1]',
      severity: "notice",
      facility: "local4",
      message: "An application event",
    },
  },
  {
    format:
      'json:[["level","string"],["n","i64"],["x","f64"],["ok","bool"],["at","timestamp"],["http","status","i64"],["http","string"],["tags","string"]]',
    lines: [
      '{"level":"in\\"fo\\u00e9\\ud83d\\ude00","n":-12,"x":1.5e3,"ok":true,"at":"2024-01-15T10:00:00.5Z","http":{"status":200,"deep":{"a":[1,"]"]}},"tags":["a","b"]}',
      '{"n":1.5,"x":null,"ok":"true","at":"yesterday","http":7,"level":3}',
      ' { "level" : "x" , "x" : 123456789012345678901234567890.5 , "n" : 9223372036854775808 } ',
      "{}",
      '{"a":{},"x":1e999,"x":2}',
    ],
    first: {
      level: 'in"foé😀',
      n: -12,
      x: 1500,
      ok: true,
      at: "2024-01-15T10:00:00.500000Z",
      "http.status": 200,
      tags: '["a","b"]',
    },
  },
  {
    format: 'logfmt:[["level","string"],["dur","f64"],["msg","string"],["n","i64"],["ok","bool"]]',
    lines: ['level=info dur=0.25 msg="a \\"b\\" c" n=7 flag ok=true', "level= dur=x msg=a=b n=8"],
    first: { level: "info", dur: 0.25, msg: 'a "b" c', n: 7, ok: true },
  },
  {
    format:
      'csv:{"columns":[["name","string"],["n","i64"],["x","f64"],["at","timestamp"]],"delimiter":",","header":"name,n,x,at"}',
    lines: [
      '"Smith, ""J""",7,0.1,2024-01-15 10:00:00',
      "name,n,x,at",
      ",,,",
      "a,b,c,d",
      'a,1,2,"2024-01-15T10:00:00Z"',
    ],
    first: { name: 'Smith, "J"', n: 7, x: 0.1, at: "2024-01-15T10:00:00.000000Z" },
  },
  {
    format: "w3c:date time s-ip cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status sc-bytes time-taken",
    lines: [
      "2024-01-15 10:00:00 10.0.0.1 GET /a b=c 203.0.113.9 Mozilla/5.0+(X11) 200 512 15",
      "#Software: Microsoft Internet Information Services 10.0",
    ],
    first: {
      time: "2024-01-15T10:00:00.000000Z",
      s_ip: "10.0.0.1",
      method: "GET",
      url: "/a?b=c",
      status: 200,
      bytes: 512,
      request_time: 0.015,
    },
  },
  {
    format: "docker:combined",
    lines: [
      JSON.stringify({ log: `${PREFIX} "-" "x"\n`, stream: "stdout", time: "2024-01-15T10:00:00.123456789Z" }),
      '{"log":"broken\\n","stream":"stderr","time":"2024-01-15T10:00:00Z"}',
    ],
    first: { ...COMMON, user_agent: "x", stream: "stdout", container_time: "2024-01-15T10:00:00.123456Z" },
  },
  {
    format: 'cri:json:[["a","i64"]]',
    lines: ['2016-10-06T00:17:09.669794202Z stdout F {"a":1}', "2016-10-06T00:17:09.669794202Z stdout P {"],
    first: { a: 1, stream: "stdout", container_time: "2016-10-06T00:17:09.669794Z" },
  },
  {
    format:
      '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" $request_time $upstream_cache_status',
    lines: [`${PREFIX} "http://x/" 0.123 HIT`, PREFIX, PREFIX.replace(" 2326", " x")],
    first: { ...COMMON, referer: "http://x/", request_time: 0.123, cache_status: "HIT" },
  },
  {
    format: '%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" %D %{X-Id}o',
    lines: [`${PREFIX} "http://x/" 1500 abc`, PREFIX],
    first: { ...COMMON, referer: "http://x/", request_time: 0.0015, x_id: "abc" },
  },
];
