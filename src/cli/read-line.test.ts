import { expect, test } from 'vitest'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { parseDuration, parseSince } from './duration.ts'
import { commandHelp, overview } from './help.ts'
import { readLine } from './read-line.ts'

const run: Command['run'] = async () => ({ data: null, text: [] })
const table: Command[] = [
  { words: 'status', summary: '', run },
  { words: 'audit verify', summary: '', options: { key: { value: 'k', says: '', many: true } }, run },
  {
    words: 'lift',
    summary: '',
    positionals: ['id'],
    options: { reason: { value: 'r', says: '', required: true } },
    run,
  },
]
const read = (line: string) => readLine(table, line.split(' ').filter(Boolean))
const fault = (sentence: string) => expect.objectContaining({ message: sentence, exitCode: 2 }) as Error

test('options, repeated options and positionals reach the command', () => {
  expect(read('audit verify --key a --key b').line.options['key']).toEqual(['a', 'b'])
  expect(read('lift rst_1 --reason over').line).toEqual({
    options: { reason: 'over' },
    positionals: ['rst_1'],
  })
  expect(read('status --json').json).toBe(true)
})

test.each([
  ['', 'No command was given. garde help lists the commands.'],
  ['nope', 'There is no command "nope". garde help lists the commands.'],
  ['audit', 'Say what about it: audit verify. garde help lists the commands.'],
  ['status --foo', "Unknown option '--foo'. garde status --help lists its options."],
  ['status now', 'garde status does not take "now".'],
  ['lift -kid', "Unknown option '-k'. Put -- before a value that begins with -: garde lift -- -…"],
  ['lift', 'garde lift needs <id>.'],
  ['lift rst_1', 'garde lift needs --reason.'],
])('"%s" is refused with a sentence and exit 2', (line, sentence) => {
  expect(() => read(line)).toThrow(fault(sentence))
})

test('an option without its value is refused', () => {
  expect(() => read('lift rst_1 --reason')).toThrow(/argument missing\. garde lift --help/)
})

test('help needs nothing else on the line', () => {
  expect(read('lift --help').help).toBe(true)
})

test('every command is in help, has a summary, and is found by its words', () => {
  const help = overview(commands).join('\n')
  for (const command of commands) {
    expect(help).toContain(`  ${command.words}`)
    expect(command.summary).not.toBe('')
    expect(readLine(commands, [...command.words.split(' '), '--help']).command).toBe(command)
    expect(commandHelp(command)[0]).toContain(`garde ${command.words}`)
  }
})

test('durations and moments are read as people write them', () => {
  expect(parseDuration('90s')).toBe(90)
  expect(parseDuration('2d')).toBe(172_800)
  expect(parseSince('1h', 10_000)).toBe(6_400)
  expect(parseSince('1970-01-02', 0)).toBe(86_400)
  expect(() => parseDuration('soon')).toThrow(/write 30m, 1h or 2d/)
  expect(() => parseSince('yesterday', 0)).toThrow(/write 2026-11-23 or 2d/)
})
