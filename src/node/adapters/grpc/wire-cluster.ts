/** Members and sources on the wire and back. */

import type { NodeId } from "../../../base/ids.js";
import type { Member, MemberState } from "../../../cluster/member.js";
import {
  type Member as WireMember,
  type SourceFile as WireSourceFile,
  MemberState as WireState,
} from "../../../generated/logmr/v1/cluster.js";
import type { SourceFile } from "../../source-files.js";

const STATES = {
  alive: WireState.ALIVE,
  suspect: WireState.SUSPECT,
  dead: WireState.DEAD,
  left: WireState.LEFT,
} as const satisfies Record<MemberState, WireState>;

export function memberToWire(member: Member): WireMember {
  return {
    id: member.id,
    name: member.name,
    state: STATES[member.state],
    listen: member.listen,
    grpc: member.grpc,
    http: member.http,
    zone: member.zone,
    threads: member.threads,
    incarnation: BigInt(member.incarnation),
    sources: member.sources.map(({ name, shared }) => ({ name, shared })),
    protocolVersion: member.protocolVersion,
    semanticsVersion: member.semanticsVersion,
  };
}

export function memberFromWire(wire: WireMember): Member {
  const states = Object.keys(STATES) as MemberState[];
  return {
    id: wire.id as NodeId,
    name: wire.name,
    state: states.find((state) => STATES[state] === wire.state) ?? "suspect",
    listen: wire.listen,
    grpc: wire.grpc,
    http: wire.http,
    zone: wire.zone,
    threads: wire.threads,
    incarnation: Number(wire.incarnation),
    sources: wire.sources,
    protocolVersion: wire.protocolVersion,
    semanticsVersion: wire.semanticsVersion,
  };
}

export function sourceFileToWire(file: SourceFile): WireSourceFile {
  return {
    name: file.source,
    path: file.description.path,
    bytes: BigInt(file.description.size),
    holders: file.holders.map((holder) => holder.name),
    format: file.description.format,
    shared: file.node === null,
    tailBytes: BigInt(file.description.size - file.description.scanSize),
  };
}
