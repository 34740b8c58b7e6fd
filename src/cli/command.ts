/** What a command is: a row of a table. Reading the line, help, printing and exit codes are done once, elsewhere. */

export interface Option {
  /** Shown in help for the value: `1h`. Absent: the option is a switch. */
  value?: string
  says: string
  required?: true
  /** May be given several times. */
  many?: true
}

export interface Line {
  /** By name; switches are true, repeated options arrays. */
  options: Record<string, string | boolean | string[] | undefined>
  positionals: string[]
}

export interface Outcome {
  /** What `--json` prints. */
  data: unknown
  /** What a person reads; one row per line. */
  text: string[]
  exitCode?: number
}

/** What a command may use. */
export interface World {
  environment: Readonly<Record<string, string | undefined>>
  /** Asks the running server for a local act. Throws CliFault. */
  control(act: string, input?: object): Promise<Record<string, unknown>>
  /** The same for answers too long to hold: lines as they come. */
  lines(act: string, input?: object): Promise<AsyncIterable<string>>
  /** Calls the admin API. Throws CliFault. */
  admin(method: string, path: string, body?: object): Promise<Record<string, unknown>>
}

export interface Command {
  /** `admin token`. */
  words: string
  summary: string
  /** Names of positional arguments, all required. */
  positionals?: string[]
  options?: Record<string, Option>
  run(line: Line, world: World): Promise<Outcome>
}

/** A sentence for whoever typed the command. Exit 2: the line was wrong; 1: it could not be done. */
export class CliFault extends Error {
  override readonly name = 'CliFault'
  readonly exitCode: 1 | 2
  constructor(sentence: string, exitCode: 1 | 2 = 1) {
    super(sentence)
    this.exitCode = exitCode
  }
}

/** How a value of an answer is shown to a person. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
