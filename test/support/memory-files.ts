/** A disk for spools, in memory, that fails, fills up or waits when told. */

import type { SegmentFiles } from '../../src/runtime/segment-files.ts'

export interface MemoryFiles extends SegmentFiles {
  contents: Map<string, Buffer>
  /** Called before each write; what it throws is the disk's answer. */
  beforeWrite: (bytes: Uint8Array) => Promise<void>
  writes: number
}

export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Buffer>()
  const bytesOf = (name: string) => contents.get(name) ?? Buffer.alloc(0)
  const files: MemoryFiles = {
    contents,
    beforeWrite: async () => {},
    writes: 0,
    list: async () => [...contents.keys()].toSorted(),
    open: async (name) => {
      contents.set(name, bytesOf(name))
      return {
        write: async (bytes) => {
          const copy = Buffer.from(bytes)
          await files.beforeWrite(copy)
          files.writes++
          contents.set(name, Buffer.concat([bytesOf(name), copy]))
        },
        close: async () => {},
      }
    },
    readAll: async (name) => bytesOf(name),
    read: async (name, offset, length) => bytesOf(name).subarray(offset, offset + length),
    cut: async (name, bytes) => {
      contents.set(name, bytesOf(name).subarray(0, bytes))
    },
    remove: async (name) => {
      contents.delete(name)
    },
  }
  return files
}
