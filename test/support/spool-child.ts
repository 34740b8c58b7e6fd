/**
 * A program that records and says so, to be killed: `node spool-child.ts <directory> <from>`. It appends entries numbered
 * from <from>, up to eight at once, and prints a number only when that entry is durable.
 */

import { segmentFiles } from '../../src/runtime/segment-files.ts'
import { openSpoolFile } from '../../src/runtime/spool-file.ts'
import { primitives } from '../../src/runtime/primitives.ts'
import { served } from './audit-events.ts'
import { checkpointSigner } from './checkpoint-signer.ts'

const [directory = '', from = '0'] = process.argv.slice(2)
let milliseconds = 0
const spool = await openSpoolFile({
  files: await segmentFiles(directory),
  node: 'crash',
  primitives,
  // Checkpoints and new segments come often, so that kills fall on them too.
  clock: { monotonicMs: () => (milliseconds += 400) },
  segmentBytes: 6000,
  sign: checkpointSigner().sign,
  log: (level, message, fields) => process.stderr.write(`${level} ${message} ${JSON.stringify(fields)}\n`),
})

let next = Number(from)
async function record(): Promise<never> {
  for (;;) {
    const number = next++
    const slot = spool.reserve()
    await slot.append([served(String(number)), served(`${number} again`)])
    slot.release()
    process.stdout.write(`${number}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, record))
