/** Who asks: each rank of the Zipf law over clients is one address, IPv4 mostly, and one kind of client for ever. */

import type { ByteCanvas } from "./byte-canvas.js";
import { mix32 } from "./random.js";

export type ClientKind = "browser" | "crawler" | "program" | "scanner";

/** One client in this many speaks IPv6. */
const IPV6_ONE_IN = 48;

/** First octets that are neither private, loopback, link-local, multicast nor reserved. */
const PUBLIC_FIRST_OCTETS = Array.from({ length: 223 }, (_, index) => index + 1).filter(
  (octet) => ![10, 100, 127, 169, 172, 192, 198, 203].includes(octet),
);

/** All that is fixed about a client follows from these 32 bits. */
export const clientBits = (rank: number, seed: number): number => mix32(rank ^ mix32(seed));

export function clientKindOf(bits: number): ClientKind {
  const share = bits % 1000;
  if (share < 45) return "crawler";
  if (share < 120) return "program";
  return share < 132 ? "scanner" : "browser";
}

/** Writes the client's address; two ranks may share one, as clients behind one gateway do. */
export function writeAddress(canvas: ByteCanvas, bits: number): void {
  const host = mix32(bits ^ 0x51ed270b);
  if (host % IPV6_ONE_IN === 0) {
    writeIpv6(canvas, host);
    return;
  }
  canvas.decimal(PUBLIC_FIRST_OCTETS[(host >>> 24) % PUBLIC_FIRST_OCTETS.length] ?? 1);
  for (const octet of [(host >>> 16) & 0xff, (host >>> 8) & 0xff, host & 0xff]) {
    canvas.byte(0x2e);
    canvas.decimal(octet);
  }
}

function writeIpv6(canvas: ByteCanvas, host: number): void {
  const interfaceBits = mix32(host);
  canvas.text("2a02:");
  canvas.hex(host >>> 20);
  canvas.text(":");
  canvas.hex((host >>> 4) & 0xffff);
  canvas.text("::");
  canvas.hex(interfaceBits >>> 16);
  canvas.text(":");
  canvas.hex(interfaceBits & 0xffff);
}
