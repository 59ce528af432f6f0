/** `ip_prefix`: the network of an address, in canonical form. */

import type { ScalarFunction } from "../scalar-function.js";
import { onPresent } from "./lifted.js";

const V4_BITS = 32;
const V6_BITS = 128;
/** What one visitor or site usually has. */
const DEFAULT_V4_PREFIX = 24;
const DEFAULT_V6_PREFIX = 48;
const GROUP_BITS = 16;

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function parseV4(text: string): bigint | undefined {
  const match = V4.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** Eight groups of which one run of zeros may be `::`, the last two maybe written as IPv4; a zone is not taken. */
function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2 || !text.includes(":")) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = V6_BITS / GROUP_BITS - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** As RFC 5952 writes it: lower case, the longest run of zero groups (the first of equal ones) as `::`. */
function formatV6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address >> BigInt(GROUP_BITS * (7 - index))) & 0xffffn).toString(16),
  );
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === "0") length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}

const formatV4 = (address: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join(".");

const masked = (address: bigint, bits: number, prefix: number): bigint => {
  const dropped = BigInt(bits - prefix);
  return (address >> dropped) << dropped;
};

/** `192.0.2.0/24` of `192.0.2.77`; null for what is no address. A prefix longer than the address is all of it. */
function prefixOf(text: string, prefix: number | undefined): string | null {
  if (prefix !== undefined && prefix < 0) return null;
  const v4 = parseV4(text);
  if (v4 !== undefined) {
    const length = Math.min(prefix ?? DEFAULT_V4_PREFIX, V4_BITS);
    return `${formatV4(masked(v4, V4_BITS, length))}/${length}`;
  }
  const v6 = parseV6(text);
  if (v6 === undefined) return null;
  const length = Math.min(prefix ?? DEFAULT_V6_PREFIX, V6_BITS);
  return `${formatV6(masked(v6, V6_BITS, length))}/${length}`;
}

export const ADDRESSES: readonly ScalarFunction[] = [
  onPresent(
    "ip_prefix",
    ["string", "i64"],
    "string",
    (address, prefix) => prefixOf(String(address), prefix === undefined ? undefined : Number(prefix)),
    1,
  ),
];
