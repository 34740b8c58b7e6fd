/**
 * The tree of a log between two batches. Its state lies in the database under an HMAC of the key-encryption key: who can
 * write the database alone can change what is recorded, but cannot make the server sign the change as its own.
 */

import { fromBase64url, base64url, hex, utf8 } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'
import type { KeyEncryptionKey } from '../core/seal.ts'
import type { Db } from '../db/db.ts'
import { lockTree, saveTree } from './log-store.ts'
import { Tree } from './tree.ts'

/** What is recorded and what was worked out are two stories. Nothing more is taken in until somebody has looked. */
export class LogDiverges extends Error {
  override readonly name = 'LogDiverges'
}

export interface TreeKeeper {
  primitives: Pick<Primitives, 'sha256' | 'hmacSha256' | 'equal'>
  keyEncryptionKey: KeyEncryptionKey
}

/** Held until the transaction ends. Throws LogDiverges when it is not what was saved. */
export async function takeTree(keeper: TreeKeeper, tx: Db, log: string): Promise<Tree> {
  const stored = await lockTree(tx, log)
  const tree = new Tree(keeper.primitives.sha256, stored)
  if (tree.size > 0 && !keeper.primitives.equal(macOf(keeper, log, tree), macBytes(stored.mac)))
    throw new LogDiverges(`${log}: its tree of ${tree.size} entries was changed in the database`)
  return tree
}

export const keepTree = (keeper: TreeKeeper, tx: Db, log: string, tree: Tree): Promise<void> =>
  saveTree(tx, log, { ...tree.state(), mac: base64url(macOf(keeper, log, tree)) })

function macOf({ primitives, keyEncryptionKey }: TreeKeeper, log: string, tree: Tree): Uint8Array {
  const key = primitives.hmacSha256(keyEncryptionKey, utf8('audit_logs.mac'))
  return primitives.hmacSha256(key, utf8(`${log}\n${tree.size}\n${hex(tree.root())}`))
}

const macBytes = (mac: string): Uint8Array =>
  /^[\w-]{43}$/.test(mac) ? fromBase64url(mac) : new Uint8Array()
