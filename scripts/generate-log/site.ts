/** What is asked for: the pages, assets, searches and API resources of an invented shop. */

import type { ByteCanvas, Piece } from "./byte-canvas.js";
import { mix32, type SeededRandom, ZipfRanks } from "./random.js";
import { API_RESOURCES, CATEGORIES, WORDS } from "./vocabulary.js";

const ARTICLES = 2_500;
const ASSETS = 400;
const PRODUCTS = 340_000;
const RECORDS = 150_000;

export class Site {
  readonly #canvas: ByteCanvas;
  readonly #random: SeededRandom;
  readonly #articles: readonly Piece[];
  readonly #assets: readonly Piece[];
  readonly #words: readonly Piece[];
  readonly #categories: readonly Piece[];
  readonly #resources: readonly Piece[];
  readonly #articleRanks = new ZipfRanks(ARTICLES, 1.05);
  readonly #assetRanks = new ZipfRanks(ASSETS, 0.9);
  readonly #productRanks = new ZipfRanks(PRODUCTS, 0.98);
  readonly #recordRanks = new ZipfRanks(RECORDS, 0.86);
  readonly #wordRanks = new ZipfRanks(WORDS.length, 0.7);

  constructor(canvas: ByteCanvas, random: SeededRandom) {
    this.#canvas = canvas;
    this.#random = random;
    this.#articles = canvas.pieces(Array.from({ length: ARTICLES }, (_, rank) => articlePath(rank)));
    this.#assets = canvas.pieces(Array.from({ length: ASSETS }, (_, rank) => assetPath(rank)));
    this.#words = canvas.pieces(WORDS);
    this.#categories = canvas.pieces(CATEGORIES);
    this.#resources = canvas.pieces(API_RESOURCES);
  }

  /** Writes the path and query of a page that people and crawlers visit. */
  writePage(): void {
    const share = this.#random.below(100);
    if (share < 38) this.#copy(this.#articles, this.#articleRanks.draw(this.#random));
    else if (share < 88) this.#writeProduct();
    else this.#writeSearch();
  }

  /** Writes the path of a style sheet, script, font or picture. */
  writeAsset(): void {
    if (this.#random.below(100) < 91) {
      this.#copy(this.#assets, this.#assetRanks.draw(this.#random));
      return;
    }
    this.#canvas.text("/media/products/");
    this.#canvas.decimal(this.#productRanks.draw(this.#random));
    this.#canvas.text(this.#random.below(2) === 0 ? "/large.webp" : "/thumbnail.webp");
  }

  /** Writes the path and query of a call that a program makes. */
  writeApiCall(): void {
    const canvas = this.#canvas;
    canvas.text("/api/v2/");
    this.#copy(this.#resources, this.#random.below(API_RESOURCES.length));
    canvas.text("/");
    canvas.decimal(this.#recordRanks.draw(this.#random) + 1000);
    const share = this.#random.below(100);
    if (share < 20) canvas.text("?expand=images,stock");
    else if (share < 35) {
      canvas.text("/history?limit=50&offset=");
      canvas.decimal(50 * this.#random.below(6));
    }
  }

  #writeProduct(): void {
    const canvas = this.#canvas;
    const product = this.#productRanks.draw(this.#random);
    const bits = mix32(product);
    canvas.text("/products/");
    this.#copy(this.#categories, bits % CATEGORIES.length);
    canvas.text("/");
    this.#copy(this.#words, (bits >>> 4) % WORDS.length);
    canvas.text("-");
    this.#copy(this.#words, (bits >>> 16) % WORDS.length);
    canvas.text("-");
    canvas.decimal(product);
    if (this.#random.below(100) < 18) canvas.text("?utm_source=newsletter&utm_campaign=spring-2026");
  }

  #writeSearch(): void {
    const canvas = this.#canvas;
    canvas.text("/search?q=");
    this.#copy(this.#words, this.#wordRanks.draw(this.#random));
    if (this.#random.below(3) > 0) {
      canvas.text("+");
      this.#copy(this.#words, this.#wordRanks.draw(this.#random));
    }
    canvas.text("&page=");
    canvas.decimal(1 + Math.min(this.#random.below(6), this.#random.below(6)));
  }

  #copy(pieces: readonly Piece[], index: number): void {
    const piece = pieces[index];
    if (piece !== undefined) this.#canvas.copy(piece);
  }
}

function wordAt(bits: number): string {
  return WORDS[bits % WORDS.length] ?? "";
}

function articlePath(rank: number): string {
  if (rank === 0) return "/";
  const bits = mix32(rank);
  const words = [bits, bits >>> 8, bits >>> 16].map(wordAt).join("-");
  if (rank % 9 === 0) return `/help/${wordAt(bits >>> 4)}/${words}`;
  return `/magazine/${2020 + (bits % 7)}/${String(1 + (bits % 12)).padStart(2, "0")}/${words}-${rank}`;
}

function assetPath(rank: number): string {
  const bits = mix32(rank + 77_000);
  const digest = bits.toString(16).padStart(8, "0");
  const word = wordAt(bits >>> 3);
  switch (rank % 5) {
    case 0:
      return `/static/js/${word}.${digest}.js`;
    case 1:
      return `/static/css/${word}.${digest}.css`;
    case 2:
      return `/static/fonts/${word}-${digest}.woff2`;
    default:
      return `/static/images/${word}/${digest}.${rank % 5 === 3 ? "svg" : "png"}`;
  }
}
