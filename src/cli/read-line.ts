/** From words to a command and its line. Whatever does not fit is a sentence and exit 2, never a guess. */

import { parseArgs } from 'node:util'
import { CliFault, type Command, type Line } from './command.ts'

export interface Request {
  command: Command
  line: Line
  json: boolean
  help: boolean
}

/** The command with the most words that begin the line. */
const findCommand = (commands: readonly Command[], words: readonly string[]): Command | undefined =>
  commands
    .filter(({ words: own }) => own.split(' ').every((word, i) => words[i] === word))
    .toSorted((a, b) => b.words.length - a.words.length)[0]

export function readLine(commands: readonly Command[], words: readonly string[]): Request {
  const command = findCommand(commands, words)
  if (!command) throw new CliFault(`${unknown(commands, words)} garde help lists the commands.`, 2)
  const { values, positionals } = parseWords(command, words.slice(command.words.split(' ').length))
  const { json, help, ...options } = values
  const request = { command, line: { options, positionals }, json: json === true, help: help === true }
  if (!request.help) checkLine(command, request.line)
  return request
}

function unknown(commands: readonly Command[], words: readonly string[]): string {
  const [first = ''] = words
  const siblings = commands.map(({ words: own }) => own).filter((own) => own.startsWith(`${first} `))
  if (siblings.length > 0) return `Say what about it: ${siblings.join(', ')}.`
  return first === '' ? 'No command was given.' : `There is no command "${first}".`
}

function parseWords(command: Command, args: string[]): { values: Line['options']; positionals: string[] } {
  const own = Object.entries(command.options ?? {}).map(
    ([name, { value, many }]) =>
      [name, { type: value ? 'string' : 'boolean', multiple: many === true }] as const,
  )
  const everywhere = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    return parseArgs({
      args,
      options: { ...Object.fromEntries(own), ...everywhere },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ')
    if (takesDash(command, args))
      throw new CliFault(
        `${sentence}. Put -- before a value that begins with -: garde ${command.words} -- -…`,
        2,
      )
    throw new CliFault(`${sentence}. garde ${command.words} --help lists its options.`, 2)
  }
}

/** An identifier in base64url may begin with a dash. */
const takesDash = ({ positionals = [] }: Command, args: string[]): boolean =>
  positionals.length > 0 && args.some((arg) => /^-[^-]./.test(arg))

function checkLine({ words, positionals = [], options = {} }: Command, line: Line): void {
  const missing = positionals[line.positionals.length]
  if (missing) throw new CliFault(`garde ${words} needs <${missing}>.`, 2)
  const extra = line.positionals[positionals.length]
  if (extra !== undefined) throw new CliFault(`garde ${words} does not take "${extra}".`, 2)
  for (const [name, { required }] of Object.entries(options)) {
    if (required && line.options[name] === undefined) throw new CliFault(`garde ${words} needs --${name}.`, 2)
  }
}
