/** Every command, in the order of help. */

import type { Command } from './command.ts'
import { localCommands } from './local-commands.ts'

export const commands: readonly Command[] = [...localCommands]
