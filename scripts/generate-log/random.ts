/** Seeded randomness: the same seed gives the same log on every machine and Node version, so integers only. */

/** Chris Doty-Humphrey's sfc32: 128 bits of state, about one nanosecond a draw. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = mix32(seed);
    this.#b = mix32(seed ^ 0x9e3779b9);
    this.#c = mix32(Math.floor(seed / 2 ** 32) + 0x7f4a7c15);
    for (let round = 0; round < 16; round += 1) this.next();
  }

  /** Uniform in [0, 2^32). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, limit), for an integer limit up to 2^20: the product stays an exact double. */
  below(limit: number): number {
    return Math.floor((this.next() * limit) / 2 ** 32);
  }

  /** Uniform in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with the given probability, in steps of 2^-32. */
  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }
}

/** MurmurHash3's finalizer: spreads consecutive integers over 32 bits, unsigned. */
export function mix32(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const BIN_BITS = 12;
const BINS = 2 ** BIN_BITS;

/**
 * Ranks of a Zipf law: rank r of `size` is drawn about in proportion to 1 / (r + 1)^exponent. The inverse of the
 * cumulative distribution is cut into {@link BINS} equally likely bins, within which ranks are uniform.
 */
export class ZipfRanks {
  readonly #edges: Uint32Array;

  /** `exponent` must not be 1, where the closed form has no value; 1.001 serves. */
  constructor(size: number, exponent: number) {
    const power = 1 - exponent;
    const reach = (size + 1) ** power - 1;
    this.#edges = Uint32Array.from({ length: BINS + 1 }, (_, bin) =>
      Math.min(size - 1, Math.floor((1 + (reach * bin) / BINS) ** (1 / power)) - 1),
    );
  }

  draw(random: SeededRandom): number {
    return this.rankOf(random.next());
  }

  /** The rank at a quantile given as 32 uniform bits; equal bits give equal ranks. */
  rankOf(bits: number): number {
    const bin = bits >>> (32 - BIN_BITS);
    const low = this.#edges[bin] ?? 0;
    const width = (this.#edges[bin + 1] ?? low) - low;
    const within = bits & (2 ** (32 - BIN_BITS) - 1);
    return low + Math.floor((within * width) / 2 ** (32 - BIN_BITS));
  }
}
