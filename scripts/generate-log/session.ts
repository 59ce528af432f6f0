/**
 * A visit of one client: a person who opens pages with their assets and follows links, a crawler, a program that calls the
 * API, or a scanner. Some hundred visits are under way at any time.
 */

import { type ClientKind, clientBits, clientKindOf, writeAddress } from "./addresses.js";
import type { ByteCanvas, Piece } from "./byte-canvas.js";
import { mix32, type SeededRandom, ZipfRanks } from "./random.js";
import type { Site } from "./site.js";
import {
  API_AGENTS,
  BOT_AGENTS,
  BROWSER_AGENTS,
  PROBES,
  QUOTED_AGENT,
  REFERRERS,
  REMOTE_USERS,
  SITE,
} from "./vocabulary.js";

export type RequestKind = "page" | "asset" | "api" | "probe";

/** Scratch bytes of a visit: its address, the page it is on (with the site's name), and what it asks for now. */
export const SESSION_SCRATCH_BYTES = 1024;
const PAGE_AT = 64;
const TARGET_AT = 512;

const CLIENTS = 2 ** 20;
const clientRanks = new ZipfRanks(CLIENTS, 0.86);
const browserRanks = new ZipfRanks(BROWSER_AGENTS.length, 1.1);
const QUOTED_AGENT_ONE_IN = 1_000;

/** What every visit shares: the rendered texts and the source of randomness. */
export class SessionPool {
  readonly canvas: ByteCanvas;
  readonly random: SeededRandom;
  readonly site: Site;
  readonly seed: number;
  readonly none: Piece;
  readonly browsers: readonly Piece[];
  readonly bots: readonly Piece[];
  readonly programs: readonly Piece[];
  readonly quoted: Piece;
  readonly referrers: readonly Piece[];
  readonly users: readonly Piece[];
  readonly probes: readonly Piece[];

  constructor(canvas: ByteCanvas, random: SeededRandom, site: Site, seed: number) {
    this.canvas = canvas;
    this.random = random;
    this.site = site;
    this.seed = seed;
    this.none = canvas.piece("-");
    this.browsers = canvas.pieces(BROWSER_AGENTS);
    this.bots = canvas.pieces(BOT_AGENTS);
    this.programs = canvas.pieces(API_AGENTS);
    this.quoted = canvas.piece(QUOTED_AGENT);
    this.referrers = canvas.pieces(REFERRERS);
    this.users = canvas.pieces(REMOTE_USERS);
    this.probes = canvas.pieces(PROBES);
  }
}

export class Session {
  readonly #pool: SessionPool;
  readonly #scratch: number;
  #requestsLeft = 0;
  #assetsLeft = 0;
  #kind: ClientKind = "browser";
  #entryReferrer: Piece;
  #addressLength = 0;
  #pageLength = 0;
  #targetLength = 0;
  #onPage = false;
  agent: Piece;
  user: Piece;
  referrer: Piece;
  request: RequestKind = "page";

  constructor(pool: SessionPool, scratch: number) {
    this.#pool = pool;
    this.#scratch = scratch;
    this.#entryReferrer = pool.none;
    this.agent = pool.none;
    this.user = pool.none;
    this.referrer = pool.none;
  }

  get address(): Piece {
    return { offset: this.#scratch, length: this.#addressLength };
  }

  /** Path and query of the current request. */
  get target(): Piece {
    return this.request === "page"
      ? { offset: this.#scratch + PAGE_AT + SITE.length, length: this.#pageLength - SITE.length }
      : { offset: this.#scratch + TARGET_AT, length: this.#targetLength };
  }

  /** Moves on to the visit's next request; a visit that has ended becomes another client's. */
  next(): void {
    if (this.#requestsLeft === 0) this.#begin();
    this.#requestsLeft -= 1;
    switch (this.#kind) {
      case "browser":
        this.#browse();
        break;
      case "crawler":
        this.#openPage(this.#pool.none);
        break;
      case "program":
        this.#ask("api", this.#pool.none);
        break;
      case "scanner":
        this.#ask("probe", this.#pool.none);
    }
  }

  #begin(): void {
    const { canvas, random, seed } = this.#pool;
    const bits = clientBits(clientRanks.draw(random), seed);
    canvas.position = this.#scratch;
    writeAddress(canvas, bits);
    this.#addressLength = canvas.position - this.#scratch;
    this.#kind = clientKindOf(bits);
    this.#requestsLeft = this.#visitLength();
    this.#onPage = false;
    this.#assetsLeft = 0;
    this.agent = this.#agentOf(bits);
    const named = random.below(400) === 0;
    this.user = named ? pick(this.#pool.users, random.below(this.#pool.users.length)) : this.#pool.none;
    const referred = random.below(100) < 55;
    this.#entryReferrer = referred
      ? pick(this.#pool.referrers, Math.min(random.below(11), random.below(11)))
      : this.#pool.none;
  }

  #visitLength(): number {
    const { random } = this.#pool;
    switch (this.#kind) {
      case "browser":
        return 1 + Math.min(random.below(24), random.below(24));
      case "crawler":
        return random.between(5, 60);
      case "program":
        return random.between(2, 30);
      case "scanner":
        return random.between(3, 10);
    }
  }

  /** A client keeps its user agent from visit to visit. */
  #agentOf(bits: number): Piece {
    const { bots, browsers, programs, quoted } = this.#pool;
    const choice = mix32(bits ^ 0x2545f491);
    if (this.#kind === "crawler") return pick(bots, Math.min(choice % bots.length, (choice >>> 8) % bots.length));
    if (this.#kind !== "browser") return pick(programs, choice % programs.length);
    return choice % QUOTED_AGENT_ONE_IN === 0 ? quoted : pick(browsers, browserRanks.rankOf(choice));
  }

  #browse(): void {
    if (this.#assetsLeft > 0) {
      this.#assetsLeft -= 1;
      this.#ask("asset", { offset: this.#scratch + PAGE_AT, length: this.#pageLength });
      return;
    }
    this.#followLink();
    this.#assetsLeft = this.#pool.random.below(8);
  }

  /** The page of before is the referrer of the new one: it is set aside in the space of the other requests. */
  #followLink(): void {
    const { canvas } = this.#pool;
    if (!this.#onPage) {
      this.#openPage(this.#entryReferrer);
      return;
    }
    canvas.position = this.#scratch + TARGET_AT;
    canvas.copyRange(this.#scratch + PAGE_AT, this.#pageLength);
    this.#openPage({ offset: this.#scratch + TARGET_AT, length: this.#pageLength });
  }

  #openPage(referrer: Piece): void {
    const { canvas, site } = this.#pool;
    const start = this.#scratch + PAGE_AT;
    this.request = "page";
    this.referrer = referrer;
    canvas.position = start;
    canvas.text(SITE);
    site.writePage();
    this.#pageLength = canvas.position - start;
    this.#onPage = true;
  }

  #ask(request: "asset" | "api" | "probe", referrer: Piece): void {
    const { canvas, site, random, probes } = this.#pool;
    const start = this.#scratch + TARGET_AT;
    this.request = request;
    this.referrer = referrer;
    canvas.position = start;
    if (request === "asset") site.writeAsset();
    else if (request === "api") site.writeApiCall();
    else canvas.copy(pick(probes, random.below(probes.length)));
    this.#targetLength = canvas.position - start;
  }
}

function pick(pieces: readonly Piece[], index: number): Piece {
  return pieces[index] ?? { offset: 0, length: 0 };
}
