/** Twin of the request kernels, over text of one character a byte. */

export interface RequestParts {
  readonly method: string | null;
  readonly url: string | null;
  readonly protocol: string | null;
  readonly isMalformed: boolean;
}

const WHOLE = /^([A-Za-z_-]+) (.+) (HTTP\/[^ ]+)$/s;
const WITHOUT_PROTOCOL = /^([A-Za-z_-]+) ([^ ]+)$/;

export function splitRequest(request: string | null): RequestParts {
  if (request === null) return { method: null, url: null, protocol: null, isMalformed: false };
  const whole = WHOLE.exec(request);
  if (whole !== null) {
    const [, method = "", url = "", protocol = ""] = whole;
    return { method, url, protocol, isMalformed: false };
  }
  const [, method = null, url = null] = WITHOUT_PROTOCOL.exec(request) ?? [];
  return { method, url, protocol: null, isMalformed: true };
}

/** The part up to the first `?`, and what is behind it. */
export function splitUrl(url: string | null): { readonly path: string | null; readonly query: string | null } {
  if (url === null) return { path: null, query: null };
  const mark = url.indexOf("?");
  return mark < 0 ? { path: url, query: null } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}
