/** A program of this repository as a child process: what it says, how it ends. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Started {
  pid: number
  stdout(): string
  stderr(): string
  /** Resolves when standard output matches; rejects with what it said when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  exitCode: Promise<number | null>
  signal(name: NodeJS.Signals): void
  /** Ends it, however it stands. */
  kill(): Promise<void>
}

const root = join(import.meta.dirname, '../..')

/** `file` from the repository's root. Of this process's environment it gets the path only. */
export function startProcess(
  file: string,
  parameters: string[],
  environment: Record<string, string>,
): Started {
  const child = spawn(process.execPath, [join(root, file), ...parameters], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    exitCode,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stdout)
          if (match) resolve(match)
        }
        waiting.add(look)
        look()
        void exitCode.then((code) => reject(new Error(`ended with ${code}: ${stdout}${stderr}`)))
      }),
    signal: (name) => {
      child.kill(name)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exitCode
    },
  }
}
