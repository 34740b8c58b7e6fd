/** Help is drawn from the table of commands; nothing is said twice. */

import type { Command } from './command.ts'

const everywhere = [
  ['--json', 'print one JSON value'],
  ['-h, --help', 'say what a command does'],
] as const

export const overview = (commands: readonly Command[]): string[] => [
  'garde <command> [options]',
  '',
  ...columns(commands.map((command) => [usage(command), command.summary])),
  '',
  ...columns(everywhere),
  '',
  'Commands talk to the server that runs on GARDE_DATA (default ./garde-data), or to GARDE_URL with GARDE_TOKEN.',
  'Where there are several operators, GARDE_OPERATOR says in whose name.',
]

export function commandHelp(command: Command): string[] {
  const own = Object.entries(command.options ?? {}).map(([name, { value, says, required, many }]) => [
    `--${name}${value ? ` ${value}` : ''}`,
    `${says}${required ? ' (required)' : ''}${many ? ' (repeatable)' : ''}`,
  ])
  return [`garde ${usage(command)}`, command.summary, '', ...columns([...own, ...everywhere])]
}

const usage = ({ words, positionals = [] }: Command): string =>
  [words, ...positionals.map((name) => `<${name}>`)].join(' ')

/** Cells padded to their column. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
}
