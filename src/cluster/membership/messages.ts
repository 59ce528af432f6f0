/** What members tell each other, as JSON. Whatever does not decode is ignored: it came from outside. */

import { type NodeId, nodeId } from "../../base/ids.js";
import type { Member, MemberState } from "../member.js";

/** Digests of what the sender knows, of a power of two of buckets: 16 hex digits each. One bucket is everyone. */
export interface CompareMessage {
  readonly kind: "compare";
  readonly digests: string;
}

/** Some of the buckets, `of` so many, into which hashes of their ids put the members. */
export interface Buckets {
  readonly of: number;
  readonly numbers: readonly number[];
}

/** Accounts of members: all that the sender knows of those in `buckets`; without them, what the receiver lacked. */
export interface SyncMessage {
  readonly kind: "sync";
  readonly members: readonly Member[];
  readonly buckets?: Buckets;
  /** The sender has met nobody else yet: the receiver is to tell the others of it. */
  readonly isNew?: boolean;
}

/** News by gossip: members whose state changed, or the sender's own statement. */
export interface NewsMessage {
  readonly kind: "news";
  readonly members: readonly Member[];
}

/** `about`: the sender's account of the receiver, so that a false suspicion is refuted at once. */
export interface PingMessage {
  readonly kind: "ping";
  readonly number: number;
  readonly about: Member | null;
}

/** Asks for a ping of a member that did not answer the sender itself. */
export interface PingRequestMessage {
  readonly kind: "ping-request";
  readonly number: number;
  readonly target: NodeId;
}

/** `from`: who was pinged, directly or through the sender. */
export interface AckMessage {
  readonly kind: "ack";
  readonly number: number;
  readonly from: Member;
}

export type MembershipMessage =
  | CompareMessage
  | SyncMessage
  | NewsMessage
  | PingMessage
  | PingRequestMessage
  | AckMessage;

export const MAX_MESSAGE_BYTES = 64 * 1024;
/** Members in one sync message: with the caps below it stays under {@link MAX_MESSAGE_BYTES}. */
export const MAX_SYNC_MEMBERS = 48;
export const MAX_SYNC_BUCKETS = 256;
/** Digests in one message. */
export const MAX_BUCKETS = 1024;
const MAX_SOURCES = 64;
const MAX_TEXT = 256;

const STATES: readonly MemberState[] = ["alive", "suspect", "dead", "left"];

export const encodeMembershipMessage = (message: MembershipMessage): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(message));

/** Undefined for anything that is not a well-formed message within the cap. */
export function decodeMembershipMessage(bytes: Uint8Array): MembershipMessage | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) return undefined;
  try {
    const message: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(message) && isMessage(message) ? (message as unknown as MembershipMessage) : undefined;
  } catch {
    return undefined;
  }
}

type Fields = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const isText = (value: unknown): boolean => typeof value === "string" && value.length <= MAX_TEXT;
const isCount = (value: unknown): boolean => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function isMessage(message: Fields): boolean {
  switch (message.kind) {
    case "compare":
      return isDigestList(message.digests);
    case "sync":
      return (
        isMemberList(message.members) &&
        (message.buckets === undefined || areBuckets(message.buckets)) &&
        (message.isNew === undefined || typeof message.isNew === "boolean")
      );
    case "news":
      return isMemberList(message.members);
    case "ping":
      return isCount(message.number) && (message.about === null || isMember(message.about));
    case "ping-request":
      return isCount(message.number) && isText(message.target);
    case "ack":
      return isCount(message.number) && isMember(message.from);
    default:
      return false;
  }
}

const isMemberList = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= MAX_SYNC_MEMBERS && value.every(isMember);

const DIGESTS = /^(?:[0-9a-f]{16})+$/;
const DIGEST_DIGITS = 16;

const isBucketCount = (value: unknown): boolean =>
  typeof value === "number" && value >= 1 && value <= MAX_BUCKETS && Number.isInteger(Math.log2(value));

const isDigestList = (value: unknown): boolean =>
  typeof value === "string" && isBucketCount(value.length / DIGEST_DIGITS) && DIGESTS.test(value);

function areBuckets(value: unknown): boolean {
  if (!isObject(value) || !isBucketCount(value.of) || !Array.isArray(value.numbers)) return false;
  return value.numbers.length <= MAX_SYNC_BUCKETS && value.numbers.every(isCount);
}

export function isMember(value: unknown): value is Member {
  if (!isObject(value)) return false;
  return (
    isText(value.id) &&
    value.id !== nodeId("") &&
    [value.name, value.listen, value.grpc, value.http, value.zone].every(isText) &&
    [value.incarnation, value.threads, value.protocolVersion, value.semanticsVersion].every(isCount) &&
    STATES.some((state) => state === value.state) &&
    (value.demoted === undefined || typeof value.demoted === "boolean") &&
    Array.isArray(value.sources) &&
    value.sources.length <= MAX_SOURCES &&
    value.sources.every((offer) => isObject(offer) && isText(offer.name) && typeof offer.shared === "boolean")
  );
}
