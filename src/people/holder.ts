/** Whoever holds credentials: a practitioner or an operator, by id or by address. */

import type { Holder } from '../audit/event.ts'
import type { Language } from '../core/language.ts'
import { findOperator } from './operators.ts'
import type { Needs } from './needs.ts'
import { findPractitioner } from './practitioners.ts'

export interface HolderCard {
  holder: Holder
  name: string
  email: string
  language: Language
  disabled: boolean
}

export async function findHolder(needs: Pick<Needs, 'db'>, holder: Holder): Promise<HolderCard | undefined> {
  if (holder.kind === 'operator') {
    const operator = await findOperator(needs, holder.id)
    return operator && { ...operator, holder, disabled: operator.disabledAt !== undefined }
  }
  const person = await findPractitioner(needs, holder.id)
  return (
    person && {
      holder,
      name: `${person.givenName} ${person.familyName}`,
      email: person.email,
      language: person.language,
      disabled: person.disabledAt !== undefined,
    }
  )
}
