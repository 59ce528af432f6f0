/** Control messages of both cores over one peer network: a first byte tells whose a message is. */

import { decodeJobMessage, encodeJobMessage, type JobMessage } from "../../cluster/job/job-messages.js";
import {
  decodeMembershipMessage,
  encodeMembershipMessage,
  type MembershipMessage,
} from "../../cluster/membership/messages.js";

const MEMBERSHIP = 1;
const JOB = 2;

export type ControlMessage =
  | { readonly core: "membership"; readonly message: MembershipMessage }
  | { readonly core: "job"; readonly message: JobMessage };

export function encodeControl(control: ControlMessage): Uint8Array {
  const isMembership = control.core === "membership";
  const body = isMembership ? encodeMembershipMessage(control.message) : encodeJobMessage(control.message);
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = isMembership ? MEMBERSHIP : JOB;
  bytes.set(body, 1);
  return bytes;
}

/** Undefined for anything malformed. */
export function decodeControl(bytes: Uint8Array): ControlMessage | undefined {
  if (bytes[0] === MEMBERSHIP) {
    const message = decodeMembershipMessage(bytes.subarray(1));
    return message && { core: "membership", message };
  }
  const message = bytes[0] === JOB ? decodeJobMessage(bytes.subarray(1)) : undefined;
  return message && { core: "job", message };
}
