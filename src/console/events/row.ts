/** One line of the log, as the page draws it and as the stream sends it. */

import type { AuditEvent } from '../../audit/event.ts'
import type { Language } from '../../core/language.ts'
import type { Seconds } from '../../core/time.ts'
import { clockTime, dayOf, shortDay } from '../../ui/time.ts'
import { detailOf, eventWords, nameEvent } from '../event-words.ts'
import { nameOf, ruleWords, type Names } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'
import { eventsAddress } from './filter.ts'
import type { Shown } from './rows.ts'

export interface EventRow {
  /** ISO 8601, and as it is read. */
  datetime: string
  clock: string
  label: string
  tone: string
  who: string
  /** Where more is told of whoever it was. */
  whoHref?: string
  detail: string
  /** A sum of reads: the same `key` is the same line, told anew; `href` opens it read by read. */
  run?: { key: string; href: string; open: string }
}

export interface RowFrame {
  names: Names
  language: Language
  now: Seconds
}

export const rowOf = (shown: Shown, frame: RowFrame): EventRow =>
  'event' in shown ? eventRow(shown.event, frame) : runRow(shown.run, frame)

export function eventRow(event: AuditEvent, { names, language, now }: RowFrame): EventRow {
  const { actor } = event
  return {
    ...moment(event.at, language, now),
    label: nameEvent(event.kind, language),
    tone: eventWords[event.kind].tone ?? 'neutral',
    who: actorWords(actor, names, consoleTexts[language]),
    ...(actor.kind === 'practitioner' && { whoHref: `/console/practitioners/${actor.id}` }),
    detail: detailOf(event, nameOf(names), language),
  }
}

function runRow(run: Extract<Shown, { run: object }>['run'], { names, language, now }: RowFrame): EventRow {
  const texts = consoleTexts[language]
  const name = nameOf(names)
  const { practitioner, session, client, startAt, firstAt, lastAt } = run
  const span = texts.between(clockTime(firstAt, language, true), clockTime(lastAt, language, true))
  return {
    ...moment(lastAt, language, now),
    label: texts.readsLabel,
    tone: 'neutral',
    who: name(practitioner),
    whoHref: `/console/practitioners/${practitioner}`,
    detail: [texts.runSays(run.opened, run.listed), span, name(run.practice), name(client)].join(' · '),
    run: {
      key: `${session} ${client} ${startAt}`,
      href: eventsAddress({ view: 'reads', session, since: firstAt, until: lastAt }),
      open: texts.openRun,
    },
  }
}

function moment(at: Seconds, language: Language, now: Seconds): Pick<EventRow, 'datetime' | 'clock'> {
  const clock = clockTime(at, language, true)
  return {
    datetime: new Date(at * 1000).toISOString(),
    clock: dayOf(at) === dayOf(now) ? clock : `${shortDay(dayOf(at))} ${clock}`,
  }
}

const actorWords = (actor: AuditEvent['actor'], names: Names, texts: ConsoleTexts): string => {
  if (actor.kind === 'stranger') return texts.stranger
  return actor.kind === 'system' ? `${texts.system} (${ruleWords(actor.id, texts)})` : nameOf(names)(actor.id)
}
