/**
 * A spool's file, as bytes. One line each: first a head (a JSON array), then entries (JSON objects, the exact bytes that
 * are hashed) and checkpoints (signed notes as JSON strings), each checkpoint right behind the last entry it covers.
 */

import { hex } from '../core/bytes.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { leafHash, Tree, type Sha256, type TreeState } from './tree.ts'

/** Bytes before the torn end are not what was written. The message says where, and what to do is the runtime's to add. */
export class SegmentDamaged extends Error {
  override readonly name = 'SegmentDamaged'
}

export interface SegmentHead {
  log: string
  /** The tree when the segment begins; its size is the position of the segment's first entry. */
  tree: TreeState
}

const format = 'garde-audit-segment-1'

export const headLine = ({ log, tree }: SegmentHead): string =>
  `${JSON.stringify([format, log, tree.size, tree.frontier])}\n`

export const checkpointLine = (note: string): string => `${JSON.stringify(note)}\n`

export const isEntry = (line: string): boolean => line.startsWith('{')

/** The signed note of a checkpoint line. */
export const noteOf = (line: string): string => JSON.parse(line) as string

/** Throws SegmentDamaged. */
export function parseHead(line: string): SegmentHead {
  const [name, log, size, frontier, ...rest] = parseJson(line, 'its head') as unknown[]
  if (name !== format || typeof log !== 'string' || typeof size !== 'number' || rest.length > 0)
    throw new SegmentDamaged('its head is not one')
  return { log, tree: { size, frontier: frontier as string[] } }
}

export interface RecoveredSegment extends SegmentHead {
  /** The tree at the end of what is whole. */
  end: Tree
  /** Size of the last checkpoint in this segment; undefined without one. */
  checkpointSize: number | undefined
  /** How many bytes are whole lines; what follows was never acknowledged and is cut off. */
  wholeBytes: number
}

/**
 * Reads a segment through, hashes every entry again and compares with every checkpoint. Undefined when not even the head
 * is whole (the crash came while the file was made). Throws SegmentDamaged.
 */
export function recoverSegment(sha256: Sha256, bytes: Uint8Array): RecoveredSegment | undefined {
  const wholeBytes = bytes.lastIndexOf(newline) + 1
  if (wholeBytes === 0) return undefined
  const [first = '', ...lines] = textOf(bytes.subarray(0, wholeBytes - 1)).split('\n')
  const head = parseHead(first)
  const end = growable(sha256, head.tree)
  let checkpointSize: number | undefined
  for (const line of lines) {
    const where = `entry ${end.size}`
    if (isEntry(line)) {
      parseJson(line, where)
      end.append(leafHash(sha256, line))
    } else {
      checkNote(parseJson(line, where), end, where)
      checkpointSize = end.size
    }
  }
  return { ...head, end, checkpointSize, wholeBytes }
}

const newline = 10

function checkNote(note: unknown, tree: Tree, where: string): void {
  if (typeof note !== 'string') throw new SegmentDamaged(`${where} is neither an entry nor a checkpoint`)
  const { size, root } = parseCheckpoint(note)
  if (size !== tree.size || hex(root) !== hex(tree.root()))
    throw new SegmentDamaged(`before ${where}: the entries are not those of the checkpoint that follows them`)
}

function growable(sha256: Sha256, state: TreeState): Tree {
  try {
    return new Tree(sha256, state)
  } catch (error) {
    throw new SegmentDamaged('its head holds no tree', { cause: error })
  }
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new SegmentDamaged(`${where} is not JSON`, { cause: error })
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new SegmentDamaged('it is not UTF-8', { cause: error })
  }
}
