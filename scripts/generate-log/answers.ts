/** How the server answers: method, status and size, by what was asked for and whether an incident is going on. */

import type { SeededRandom } from "./random.js";
import type { RequestKind } from "./session.js";

export type Method = "GET" | "POST" | "HEAD" | "PUT" | "DELETE";

export interface Answer {
  method: Method;
  status: number;
  /** Bytes of the body; -1 where the log has none to tell. */
  bytes: number;
  durationMs: number;
}

const INCIDENT_FAILURE_RATE = 0.35;
const CALM_FAILURE_RATE = 0.0004;

export function drawAnswer(answer: Answer, request: RequestKind, inIncident: boolean, random: SeededRandom): void {
  answer.method = drawMethod(request, random);
  answer.status = drawStatus(request, answer.method, inIncident, random);
  answer.bytes = drawBytes(request, answer.status, answer.method, random);
  const slow = answer.status >= 500 ? 2_000 : 0;
  answer.durationMs = slow + random.below(request === "asset" ? 12 : 300);
}

function drawMethod(request: RequestKind, random: SeededRandom): Method {
  const share = random.below(1000);
  if (request === "asset") return share < 998 ? "GET" : "HEAD";
  if (request === "page") return share < 955 ? "GET" : share < 990 ? "POST" : "HEAD";
  if (request === "probe") return share < 700 ? "GET" : "POST";
  return share < 720 ? "GET" : share < 920 ? "POST" : share < 975 ? "PUT" : "DELETE";
}

function drawStatus(request: RequestKind, method: Method, inIncident: boolean, random: SeededRandom): number {
  if (request !== "asset" && random.chance(inIncident ? INCIDENT_FAILURE_RATE : CALM_FAILURE_RATE)) {
    const share = random.below(10);
    return share < 5 ? 502 : share < 8 ? 503 : share < 9 ? 500 : 504;
  }
  const share = random.below(1000);
  switch (request) {
    case "asset":
      return share < 780 ? 200 : share < 990 ? 304 : share < 994 ? 206 : 404;
    case "page":
      return share < 930 ? 200 : share < 955 ? 301 : share < 972 ? 302 : share < 975 ? 410 : 404;
    case "api":
      if (share < 30) return share < 12 ? 401 : share < 18 ? 429 : 404;
      return method === "POST" ? 201 : method === "DELETE" ? 204 : 200;
    case "probe":
      return share < 900 ? 404 : share < 985 ? 403 : 400;
  }
}

function drawBytes(request: RequestKind, status: number, method: Method, random: SeededRandom): number {
  if (status === 304 || status === 204) return -1;
  if (method === "HEAD") return 0;
  if (status >= 500) return random.between(150, 600);
  if (status >= 300) return random.between(160, 900);
  switch (request) {
    case "asset":
      return random.below(10) === 0 ? random.between(80_000, 900_000) : random.between(700, 60_000);
    case "page":
      return random.between(4_000, 42_000);
    default:
      return random.between(60, 7_000);
  }
}
