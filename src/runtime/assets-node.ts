/** The assets port over files beside the sources: read at the first request, kept as long as the process. */

import { readFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import type { AssetSource } from '../core/ports.ts'

const ours = new URL('../ui/assets/', import.meta.url)

/** Only names that stood in the folder when the process started exist. */
export function fileAssets(folder: URL = ours): AssetSource {
  const names = new Set(readdirSync(folder))
  const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  return {
    async find(name) {
      if (!names.has(name)) return undefined
      const bytes = kept.get(name) ?? readFile(new URL(name, folder)).then((read) => new Uint8Array(read))
      kept.set(name, bytes)
      return bytes
    },
  }
}
