/** Identifiers as branded strings: a JobId cannot be passed where a NodeId is expected. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A node's identity: its libp2p peer id in production, any unique text in the simulator. */
export type NodeId = Branded<"NodeId">;
/** A job's identity, derived from its client key: `jobIdOf` in `job/request.ts`. */
export type JobId = Branded<"JobId">;
/** 128 bits of SHA-256 as 32 lower-case hex digits. */
export type Digest = Branded<"Digest">;
/** The content key of a vertex, a {@link Digest} over what decides its value. */
export type VertexKey = Branded<"VertexKey">;

export const nodeId = (text: string): NodeId => text as NodeId;
export const jobId = (text: string): JobId => text as JobId;
