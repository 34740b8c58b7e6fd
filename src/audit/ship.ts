/**
 * Takes a gateway's log into the database: in order, each line once, hashed again; every checkpoint is compared with the
 * tree worked out here and, when the gateway signed it, cosigned and kept. What disagrees stops the shipping and is said
 * with its position.
 */

import { hex } from '../core/bytes.ts'
import type { Db } from '../db/db.ts'
import { appended } from './channels.ts'
import { cosign, isSigned, originOf, parseCheckpoint, type SignedCheckpoint } from './checkpoint.ts'
import { keepTree, LogDiverges, takeTree } from './kept-tree.ts'
import { insertCheckpoint, insertEntries, sizeOf } from './log-store.ts'
import { isEntry, noteOf } from './segment.ts'
import type { LogKeeper } from './sequencer.ts'
import type { SpoolSource } from './spool.ts'
import { leafHash, type Tree } from './tree.ts'
import { verifierKeys } from './verifier-keys.ts'

/** Takes in at most `limit` entries. Answers how many it were. */
export async function shipOnce(keeper: LogKeeper, source: SpoolSource, limit = 500): Promise<number> {
  const { log } = source
  const first = await sizeOf(keeper.database.db, log)
  if (first > source.size())
    throw new LogDiverges(`${log}: the spool holds ${source.size()} entries, the database ${first}`)
  const lines = await source.read(first, limit)
  if (lines.length === 0) return 0
  const taken = await takeIn(keeper, log, first, lines)
  if (taken > 0) await keeper.database.notify(appended)
  await source.release(first + taken)
  return taken
}

/** Lines from position `first` on. Those that are here already are passed over. Throws LogDiverges. */
export const takeIn = (
  keeper: LogKeeper,
  log: string,
  first: number,
  lines: readonly string[],
): Promise<number> =>
  keeper.database.db.transaction(async (tx) => {
    const tree = await takeTree(keeper, tx, log)
    if (first > tree.size) throw new LogDiverges(`${log}: entries ${tree.size} to ${first - 1} are missing`)
    const intake = new Intake(keeper, log, tree, first)
    for (const line of lines) {
      if (isEntry(line)) intake.takeEntry(line)
      else await intake.takeNote(line)
    }
    await intake.save(tx)
    return intake.taken
  })

class Intake {
  readonly #first: number
  readonly #lines: string[] = []
  readonly #leaves: Uint8Array[] = []
  readonly #keeper: LogKeeper
  readonly #log: string
  readonly #tree: Tree
  readonly #notes: { size: number; note: string }[] = []
  #position: number

  constructor(keeper: LogKeeper, log: string, tree: Tree, position: number) {
    this.#keeper = keeper
    this.#log = log
    this.#tree = tree
    this.#first = tree.size
    this.#position = position
  }

  get taken(): number {
    return this.#lines.length
  }

  async save(tx: Db): Promise<void> {
    await insertEntries(tx, this.#log, { first: this.#first, lines: this.#lines, leaves: this.#leaves })
    await keepTree(this.#keeper, tx, this.#log, this.#tree)
    for (const { size, note } of this.#notes)
      await insertCheckpoint(tx, this.#log, size, note, this.#keeper.clock.now())
  }

  takeEntry(line: string): void {
    const index = this.#position++
    if (index < this.#tree.size) return
    const leaf = leafHash(this.#keeper.primitives.sha256, line)
    this.#tree.append(leaf)
    this.#lines.push(line)
    this.#leaves.push(leaf)
  }

  async takeNote(line: string): Promise<void> {
    if (this.#position !== this.#tree.size) return
    const note = noteOf(line)
    const checkpoint = parseCheckpoint(note)
    this.#compare(checkpoint)
    const { primitives, keys, clock } = this.#keeper
    // By a key that was revoked meanwhile, or is none of ours: it vouches for nothing and is not passed on.
    if (!(await isSigned(primitives.sha256, checkpoint, verifierKeys(keys, checkpoint.origin)))) return
    const cosigned = await cosign(primitives.sha256, keys.signCheckpoint, note, clock.now())
    this.#notes.push({ size: checkpoint.size, note: cosigned })
  }

  #compare({ origin, size, root }: SignedCheckpoint): void {
    const where = `${this.#log}: at size ${this.#tree.size}`
    if (origin !== originOf(this.#log) || size !== this.#tree.size)
      throw new LogDiverges(`${where} comes a checkpoint of ${origin} at size ${size}`)
    if (hex(root) !== hex(this.#tree.root()))
      throw new LogDiverges(`${where} the entries are not those of the checkpoint`)
  }
}
