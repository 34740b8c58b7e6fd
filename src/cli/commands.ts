/** Every command, in the order of help. */

import { adminCommands } from './admin-commands.ts'
import { auditCommands } from './audit-commands.ts'
import type { Command } from './command.ts'
import { deliveryCommands } from './delivery-commands.ts'
import { localCommands } from './local-commands.ts'
import { registrationCommands } from './registration-commands.ts'
import { restrictionCommands } from './restriction-commands.ts'

export const commands: readonly Command[] = [
  ...localCommands,
  ...adminCommands,
  ...registrationCommands,
  ...restrictionCommands,
  ...deliveryCommands,
  ...auditCommands,
]
