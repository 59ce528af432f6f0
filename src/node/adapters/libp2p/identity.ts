/** A node's identity: an Ed25519 key in its data directory, made at the first start and kept from then on. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { type NodeId, nodeId } from "../../../base/ids.js";
import { INCARNATIONS_PER_LIFE } from "../../../cluster/member.js";
import { replaceFile } from "../files/replace-file.js";

const KEY_FILE = "identity.key";
const STARTS_FILE = "starts";

export interface Identity {
  readonly id: NodeId;
  readonly privateKey: PrivateKey;
}

/** Reads or makes the key of a data directory. */
export async function loadIdentity(dataDir: string): Promise<Identity> {
  const path = join(dataDir, KEY_FILE);
  if (!existsSync(path)) replaceFile(path, privateKeyToProtobuf(await generateKeyPair("Ed25519")), 0o600);
  return identityOf(privateKeyFromProtobuf(readFileSync(path)));
}

/** An identity that no disk remembers. */
export const temporaryIdentity = async (): Promise<Identity> => identityOf(await generateKeyPair("Ed25519"));

const identityOf = (privateKey: PrivateKey): Identity => ({
  id: nodeId(peerIdFromPrivateKey(privateKey).toString()),
  privateKey,
});

/** The first incarnation of a new run: greater than any that an earlier run of this data directory used. */
export function nextIncarnation(dataDir: string): number {
  const path = join(dataDir, STARTS_FILE);
  const starts = existsSync(path) ? Number.parseInt(readFileSync(path, "utf8"), 10) || 0 : 0;
  replaceFile(path, `${starts + 1}\n`, 0o644);
  return (starts + 1) * INCARNATIONS_PER_LIFE;
}
