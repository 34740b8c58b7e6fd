/** The `garde` command. Prints what was asked for on standard output and faults on standard error. */

import { CliFault, type Outcome, type World } from './command.ts'
import { adminClient } from './admin-client.ts'
import { commands } from './commands.ts'
import { askControl, streamControl } from './control-client.ts'
import { commandHelp, overview } from './help.ts'
import { readLine } from './read-line.ts'

const environment = process.env
const data = environment['GARDE_DATA'] ?? './garde-data'
/** Who acts, where there is more than one operator and the line does not say. */
const acting = environment['GARDE_OPERATOR'] === undefined ? {} : { operator: environment['GARDE_OPERATOR'] }
const control: World['control'] = (act, input = {}) => askControl(data, act, { ...acting, ...input })
const lines: World['lines'] = (act, input = {}) => streamControl(data, act, input)
const world: World = { environment, control, lines, admin: adminClient(environment, control) }

async function answer(words: string[]): Promise<{ outcome: Outcome; json: boolean }> {
  if (['help', '--help', '-h'].includes(words[0] ?? 'help'))
    return {
      outcome: {
        data: commands.map(({ words: name, summary }) => ({ command: name, summary })),
        text: overview(commands),
      },
      json: words.includes('--json'),
    }
  const { command, line, json, help } = readLine(commands, words)
  const outcome = help ? { data: command, text: commandHelp(command) } : await command.run(line, world)
  return { outcome, json }
}

const words = process.argv.slice(2)
try {
  const { outcome, json } = await answer(words)
  process.stdout.write(
    json ? `${JSON.stringify(outcome.data)}\n` : outcome.text.map((row) => `${row}\n`).join(''),
  )
  process.exitCode = outcome.exitCode ?? 0
} catch (error) {
  if (!(error instanceof CliFault)) throw error
  process.stderr.write(
    words.includes('--json') ? `${JSON.stringify({ error: error.message })}\n` : `${error.message}\n`,
  )
  process.exitCode = error.exitCode
}
