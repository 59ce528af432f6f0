/**
 * One array that holds the rendered pieces (user agents, paths), the scratch space of the sessions and, last, the block of
 * log that is being written. Lines are composed by copying bytes within it: no string is made per line.
 */

/** Where some rendered bytes lie in the canvas. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

const ZERO = 0x30;

export class ByteCanvas {
  readonly bytes: Uint8Array;
  /** Where the next byte goes. */
  position = 0;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
  }

  /** Renders a text of printable ASCII and returns where it lies. */
  piece(text: string): Piece {
    const offset = this.position;
    this.text(text);
    return { offset, length: text.length };
  }

  pieces(texts: readonly string[]): readonly Piece[] {
    return texts.map((text) => this.piece(text));
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) this.bytes[this.position + index] = text.charCodeAt(index);
    this.position += text.length;
  }

  byte(value: number): void {
    this.bytes[this.position] = value;
    this.position += 1;
  }

  copy(piece: Piece): void {
    this.copyRange(piece.offset, piece.length);
  }

  /** A plain loop: for pieces of this size it beats `copyWithin`. */
  copyRange(offset: number, length: number): void {
    const { bytes, position } = this;
    for (let index = 0; index < length; index += 1) bytes[position + index] = bytes[offset + index] ?? 0;
    this.position = position + length;
  }

  /** A non-negative integer in decimal. */
  decimal(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    this.padded(value, digits);
  }

  /** The last `digits` digits of a non-negative integer. */
  padded(value: number, digits: number): void {
    let rest = value;
    for (let index = this.position + digits - 1; index >= this.position; index -= 1) {
      const tenth = Math.floor(rest / 10);
      this.bytes[index] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.position += digits;
  }

  /** Up to eight hexadecimal digits of a 32-bit integer, without leading zeros. */
  hex(value: number): void {
    this.text((value >>> 0).toString(16));
  }
}
