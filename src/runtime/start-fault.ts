/** Why a program does not start: one sentence that says what to do. Never a stack; never a secret. */

/** sysexits(3): a supervisor retries 75 and leaves 78 alone (systemd: `RestartPreventExitStatus=78`). */
const exitCodes = { configuration: 78, unavailable: 75 } as const

export class StartFault extends Error {
  override readonly name = 'StartFault'
  readonly exitCode: number
  /** `configuration`: only a person can mend it. `unavailable`: trying again may help. */
  constructor(kind: keyof typeof exitCodes, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.exitCode = exitCodes[kind]
  }
}

/** `code` of a Node system error (`ENOENT`), or undefined. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
