/**
 * What a user agent says of itself: a browser, an operating system, a bot. A list of tokens, the first that occurs decides:
 * browsers carry the names of those they descend from, so that the younger stand first.
 */

import type { ScalarFunction } from "../scalar-function.js";
import { onOneText } from "./lifted.js";

type Rule = readonly [token: string, name: string];

/** Tokens in lower case. */
const BOT_TOKENS: readonly string[] = [
  "bot",
  "crawl",
  "spider",
  "slurp",
  "archiver",
  "facebookexternalhit",
  "mediapartners",
  "bingpreview",
  "feedfetcher",
  "feedly",
  "lighthouse",
  "headlesschrome",
  "phantomjs",
  "pingdom",
  "uptime",
  "monitor",
  "scanner",
  "nmap",
  "masscan",
  "zgrab",
  "nikto",
  "sqlmap",
  "curl/",
  "wget",
  "libwww",
  "python-",
  "aiohttp",
  "httpx",
  "go-http-client",
  "java/",
  "apache-httpclient",
  "okhttp",
  "axios",
  "node-fetch",
  "undici",
  "guzzle",
  "ruby",
  "perl",
  "php/",
  "postmanruntime",
  "scrapy",
  "http://",
  "https://",
];

const BROWSERS: readonly Rule[] = [
  ["edg/", "Edge"],
  ["edga/", "Edge"],
  ["edgios/", "Edge"],
  ["edge/", "Edge"],
  ["opr/", "Opera"],
  ["opios/", "Opera"],
  ["opera", "Opera"],
  ["vivaldi", "Vivaldi"],
  ["yabrowser", "Yandex"],
  ["samsungbrowser", "Samsung Internet"],
  ["ucbrowser", "UC Browser"],
  ["duckduckgo", "DuckDuckGo"],
  ["seamonkey", "SeaMonkey"],
  ["fxios/", "Firefox"],
  ["firefox/", "Firefox"],
  ["crios/", "Chrome"],
  ["headlesschrome", "Chrome"],
  ["chromium", "Chromium"],
  ["chrome/", "Chrome"],
  ["trident/", "Internet Explorer"],
  ["msie ", "Internet Explorer"],
  ["android", "Android Browser"],
  ["safari/", "Safari"],
  ["konqueror", "Konqueror"],
  ["lynx", "Lynx"],
  ["links", "Links"],
  ["curl/", "curl"],
  ["wget", "Wget"],
  ["python-requests", "Python Requests"],
  ["go-http-client", "Go"],
  ["okhttp", "OkHttp"],
  ["java/", "Java"],
  ["gecko/", "Gecko"],
];

const SYSTEMS: readonly Rule[] = [
  ["windows phone", "Windows Phone"],
  ["windows", "Windows"],
  ["iphone", "iOS"],
  ["ipad", "iOS"],
  ["ipod", "iOS"],
  ["android", "Android"],
  ["cros ", "ChromeOS"],
  ["mac os x", "macOS"],
  ["macintosh", "macOS"],
  ["darwin", "macOS"],
  ["freebsd", "FreeBSD"],
  ["openbsd", "OpenBSD"],
  ["netbsd", "NetBSD"],
  ["sunos", "SunOS"],
  ["linux", "Linux"],
  ["x11", "Unix"],
];

const named = (rules: readonly Rule[], agent: string): string => {
  const text = agent.toLowerCase();
  return rules.find(([token]) => text.includes(token))?.[1] ?? "Other";
};

/** A maker of phones. */
const PHONE_LIKE_BOT = "cubot";

/** An empty name is a program as well. */
function isBot(agent: string): boolean {
  const text = agent.toLowerCase().replaceAll(PHONE_LIKE_BOT, "");
  return text.trim() === "" || BOT_TOKENS.some((token) => text.includes(token));
}

/** Programs are `Bot`, whatever browser they claim to be. */
const browserOf = (agent: string): string => (isBot(agent) && !isTool(agent) ? "Bot" : named(BROWSERS, agent));

/** Command-line tools and libraries that go by their own name. */
const isTool = (agent: string): boolean => /^(?:curl|wget|python-requests|go-http-client|okhttp|java)\b/i.test(agent);

export const USER_AGENTS: readonly ScalarFunction[] = [
  onOneText("is_bot", "bool", isBot),
  onOneText("ua_browser", "string", browserOf),
  onOneText("ua_os", "string", (agent) => named(SYSTEMS, agent)),
];
