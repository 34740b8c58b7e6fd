/** Configurations run as what they are: modules in a process of their own, scripts in a shell; and read as their programs read them. */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '../..')

export interface Folder {
  path: string
  write(name: string, text: string): void
  remove(): void
}

/** A folder in which the packages of this one are found; `packages` are written over them, by name. */
export function folder(packages: Record<string, string> = {}): Folder {
  const path = mkdtempSync(join(tmpdir(), 'garde-recipe-'))
  const write = (name: string, text: string) => writeFileSync(join(path, name), text)
  write('package.json', JSON.stringify({ type: 'module', imports: {} }))
  for (const [name, text] of Object.entries(packages)) write(`${name}.js`, text)
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export interface Running {
  /** The next line it says; fails with what it complained of when it says none. */
  line(): Promise<string>
  say(text: string): void
  ended: Promise<number | null>
  /** Everything it said on standard error so far. */
  complaints(): string
}

export function run(
  { path }: Folder,
  [command = '', ...words]: string[],
  environment: Record<string, string> = {},
): Running {
  const child = spawn(command, words, {
    cwd: path,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: 'pipe',
  })
  let complaints = ''
  const lines: AsyncIterator<string> = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  child.stderr.on('data', (chunk) => (complaints += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    line: async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`it said nothing: ${complaints}`)
      return value
    },
    say: (text) => child.stdin.end(text),
    ended,
    complaints: () => complaints,
  }
}

/** TOML of one level: basic strings, booleans and arrays of strings, which are JSON's. */
export const parseToml = (text: string): Record<string, unknown> =>
  Object.fromEntries(
    contentLines(text).map((line) => {
      const [, key = '', value = ''] = /^([a-z0-9_]+) = (.+)$/.exec(line) ?? []
      return [key, JSON.parse(value) as unknown]
    }),
  )

/** `java.util.Properties.load`: the key ends at the first `=`, `\uXXXX` and `\x` are unescaped. */
export const parseProperties = (text: string): Record<string, string> =>
  Object.fromEntries(
    contentLines(text).map((line) => {
      const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(line) ?? []
      return [
        key,
        value.replaceAll(/\\(u[0-9a-f]{4}|.)/g, (_, escaped: string) =>
          escaped.length > 1 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : escaped,
        ),
      ]
    }),
  )

/** Directives of Apache and their words, as `ap_getword_conf` splits them: in quotes only `\\` and `\"` are escapes. */
export const parseApache = (text: string): Record<string, string[]> =>
  Object.fromEntries(
    contentLines(text).map((line) => {
      const words = [...line.matchAll(/"((?:\\[\\"]|[^"])*)"|(\S+)/g)].map(
        ([, inQuotes, bare]) => inQuotes?.replaceAll(/\\([\\"])/g, '$1') ?? bare ?? '',
      )
      return [words[0] ?? '', words.slice(1)]
    }),
  )

const contentLines = (text: string): string[] =>
  text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
