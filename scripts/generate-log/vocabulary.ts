/** The words from which the log's pages, assets, user agents and referrers are made. */

export const SITE = "https://www.example.com";

export const WORDS = (
  "alpine amber anchor apple arctic aspen autumn azure bamboo basalt beacon birch bronze canvas canyon cedar chalk cinder " +
  "cobalt comet copper coral cotton crater crystal delta desert ember falcon fern flint forest fossil garnet glacier " +
  "granite harbor hazel heron hollow indigo iron island ivory jasper juniper kestrel lagoon lantern larch lemon linen " +
  "lunar maple marble meadow mesa mica midnight mint moss nectar nickel north oak oasis ocean olive onyx opal orchid otter " +
  "pearl pebble pine planet plum polar prairie quartz raven reef ridge river robin rowan saffron sage sand scarlet shadow " +
  "silver slate solar sparrow spruce stone storm summit sunset teal thistle thunder tidal timber topaz tundra valley velvet " +
  "violet walnut willow winter wool zephyr"
).split(" ");

export const CATEGORIES = "outdoor kitchen garden lighting office travel textiles toys tools audio".split(" ");

export const API_RESOURCES = "items users orders carts sessions reviews inventory prices recommendations".split(" ");

export const REMOTE_USERS = "alice bob carol deploy editor".split(" ");

export const REFERRERS = [
  "https://www.google.com/",
  "https://www.google.co.uk/",
  "https://www.bing.com/",
  "https://duckduckgo.com/",
  "https://news.ycombinator.com/",
  "https://www.reddit.com/r/homeimprovement/",
  "https://t.co/",
  "https://www.facebook.com/",
  "https://lobste.rs/",
  "https://blog.example.org/2026/02/the-best-shops-of-the-year/",
  "https://mail.example.net/campaigns/spring?recipient=8812&utm_medium=email",
];

/** What vulnerability scanners ask every server for. */
export const PROBES = [
  "/wp-login.php",
  "/xmlrpc.php",
  "/.env",
  "/.git/config",
  "/phpmyadmin/index.php",
  "/admin/config.php",
  "/cgi-bin/luci/;stok=/locale?form=country&operation=write",
  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
  "/actuator/health",
  "/boaform/admin/formLogin?username=user&psd=user",
];

/** Request lines that are not HTTP, as a server escapes them in a plain log and in a JSON log. */
export const FOREIGN_REQUESTS: readonly { readonly plain: string; readonly json: string }[] = [
  { plain: "-", json: "-" },
  {
    plain: "\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xFC\\x03\\x03",
    json: "\\u0016\\u0003\\u0001\\u0002\\u0000\\u0001",
  },
  { plain: "\\x03\\x00\\x00/*\\xE0\\x00\\x00\\x00\\x00\\x00Cookie: mstshash=Administr", json: "\\u0003\\u0000*Cookie" },
  { plain: "SSH-2.0-Go", json: "SSH-2.0-Go" },
];

export const BOT_AGENTS = [
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
  "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
  "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
  "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
  "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
  "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
  "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
  "Twitterbot/1.0",
];

export const API_AGENTS = [
  "okhttp/4.12.0",
  "python-requests/2.31.0",
  "Go-http-client/2.0",
  "axios/1.6.8",
  "curl/8.5.0",
];

/** A user agent with quotes in it, as a log escapes them: rare, and the bane of line splitters. */
export const QUOTED_AGENT = 'Mozilla/5.0 (Linux; Android 13; \\"KFTRWI\\" Build/PS7327) AppleWebKit/537.36 Silk/108.4';

const PLATFORMS = [
  "Windows NT 10.0; Win64; x64",
  "Macintosh; Intel Mac OS X 10_15_7",
  "X11; Linux x86_64",
  "Linux; Android 14; Pixel 8",
  "Linux; Android 13; SM-S918B",
  "Linux; Android 10; K",
];

function* browserAgents(): Iterable<string> {
  for (let version = 126; version > 106; version -= 1) {
    for (const platform of PLATFORMS) {
      yield `Mozilla/5.0 (${platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
    }
    for (const platform of PLATFORMS.slice(0, 3)) {
      yield `Mozilla/5.0 (${platform}; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
    }
    const [major, minor] = [17 - ((126 - version) >> 2), (126 - version) & 3];
    yield `Mozilla/5.0 (iPhone; CPU iPhone OS ${major}_${minor} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${major}.${minor} Mobile/15E148 Safari/604.1`;
    yield `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36 Edg/${version}.0.0.0`;
  }
}

/** Some two hundred browsers, the most usual first. */
export const BROWSER_AGENTS: readonly string[] = [...browserAgents()];
