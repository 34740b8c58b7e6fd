/** The files of a spool, through node:fs. A write has resolved only when its bytes are on the disk. */

import * as fs from 'node:fs'
import { mkdir, open, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'

/** What a spool asks of a disk; tests lend one that fails. */
export interface SegmentFiles {
  /** Names, sorted. */
  list(): Promise<string[]>
  /** Opens for appending; makes the file, durably, when it is not there. */
  open(name: string): Promise<SegmentFile>
  readAll(name: string): Promise<Uint8Array>
  /** At most `length` bytes from `offset`. */
  read(name: string, offset: number, length: number): Promise<Buffer>
  cut(name: string, bytes: number): Promise<void>
  remove(name: string): Promise<void>
}

export interface SegmentFile {
  /** Resolves when all of it is durable. One at a time. The bytes may be reused afterwards. */
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** O_DSYNC makes each write its own fdatasync: one trip through the thread pool instead of two. */
const { O_APPEND, O_CREAT, O_DSYNC, O_WRONLY } = fs.constants
const flags = O_APPEND | O_CREAT | O_WRONLY | (O_DSYNC ?? 0)

export async function segmentFiles(directory: string): Promise<SegmentFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = (name: string) => join(directory, name)
  return {
    list: async () => (await readdir(directory)).filter((name) => /^\d{16}\.log$/.test(name)).toSorted(),
    open: async (name) => {
      const handle = await open(path(name), flags, 0o600)
      await syncDirectory(directory)
      return {
        write: (bytes) => writeDurably(handle.fd, bytes),
        close: () => handle.close(),
      }
    },
    readAll: (name) => readFile(path(name)),
    read: async (name, offset, length) => {
      const handle = await open(path(name), 'r')
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset)
        return buffer.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    },
    cut: async (name, bytes) => {
      await truncate(path(name), bytes)
      const handle = await open(path(name), 'r+')
      await handle.sync()
      await handle.close()
    },
    remove: async (name) => {
      await rm(path(name))
      await syncDirectory(directory)
    },
  }
}

/** The name of a new file is durable when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  await handle.sync()
  await handle.close()
}

/** The callback form costs half of the promised one. A short write goes on where it stopped. */
function writeDurably(fd: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const writeFrom = (offset: number): void => {
      fs.write(fd, bytes, offset, bytes.length - offset, null, (error, written) => {
        if (error) reject(error)
        else if (offset + written < bytes.length) writeFrom(offset + written)
        else if (O_DSYNC === undefined) fs.fdatasync(fd, (fault) => (fault ? reject(fault) : resolve()))
        else resolve()
      })
    }
    writeFrom(0)
  })
}
