/** What the log says of one practitioner: where signed in, how many patients, what stops them. */

import { html } from 'hono/html'
import type { PracticeId, PractitionerId, SessionId } from '../../core/ids.ts'
import type { Seconds } from '../../core/time.ts'
import type { Restriction } from '../../restrictions/restriction.ts'
import type { Role } from '../../tokens/claims.ts'
import { dayChart } from '../../ui/day-chart.ts'
import { badge, card, screenHead, table } from '../../ui/components.ts'
import { linkButton } from '../../ui/forms.ts'
import type { Markup } from '../../ui/layout.ts'
import { spokenDay, time } from '../../ui/time.ts'
import { eventsAddress } from '../events/filter.ts'
import { eventTable } from '../events/pages.ts'
import type { EventRow } from '../events/row.ts'
import { consolePage, deviceWords, nameOf, restrictionList, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

export interface PatientDay {
  /** `2026-05-12`, a day of Paris. */
  day: string
  opened: number
  listed: number
}

export interface PractitionerState {
  id: PractitionerId
  email: string
  memberships: { practice: PracticeId; role: Role; endAt?: Seconds }[]
  sessions: {
    id: SessionId
    userAgent: string
    network: string
    startedAt: Seconds
    lastActiveAt: Seconds
  }[]
  days: PatientDay[]
  events: EventRow[]
  restrictions: Restriction[]
}

export function practitionerPage(frame: ConsoleFrame, person: PractitionerState): Markup {
  const texts = consoleTexts[frame.language]
  const name = nameOf(frame.names)(person.id)
  return consolePage(frame, {
    title: name,
    content: [
      screenHead(
        name,
        html`${person.email} ${membershipBadges(frame, person, texts)}`,
        linkButton(`/console/cut?scope=practitioner&target=${person.id}`, texts.cutTitle, 'danger', name),
      ),
      html`<div class="desk">
        <div class="stack">
          ${daysCard(frame, person.days, texts)} ${sessionsCard(frame, person.sessions, texts)}
        </div>
        <div class="stack">
          ${card({
            id: 'restrictions',
            title: texts.theirRestrictions,
            content: restrictionList(frame, person.restrictions, texts.noTheirRestrictions),
          })}
        </div>
      </div>`,
      card({
        id: 'last-events',
        title: texts.lastEvents,
        aside: linkButton(
          eventsAddress({ view: 'summary', practitioner: person.id }),
          texts.eventsTitle,
          'plain',
          name,
        ),
        content: eventTable(person.events, texts),
      }),
    ],
  })
}

const membershipBadges = (
  frame: ConsoleFrame,
  { memberships }: PractitionerState,
  texts: ConsoleTexts,
): Markup[] =>
  memberships.map(({ practice, role, endAt }) => {
    const words = `${nameOf(frame.names)(practice)}, ${texts.roles[role]}`
    const over = endAt !== undefined && endAt <= frame.now
    return html` ${badge(over ? `${words}, ${texts.formerly} ${spokenDay(endAt, frame.language)}` : words, over ? 'caution' : undefined)}`
  })

const daysCard = (frame: ConsoleFrame, days: PatientDay[], texts: ConsoleTexts): Markup =>
  card({
    id: 'days',
    title: texts.patientsByDay,
    content: [
      dayChart({
        title: texts.patientsByDay,
        series: [texts.opened, texts.listed],
        days: days.map(({ day, opened, listed }) => ({
          day,
          values: [opened, listed],
          says: texts.chartSays(opened, listed, day),
        })),
      }),
      html`<details class="fold">
        <summary>${texts.figuresTable}</summary>
        ${table({
          caption: texts.patientsByDay,
          captionHidden: true,
          columns: [
            texts.day,
            { label: texts.opened, numeric: true },
            { label: texts.listed, numeric: true },
          ],
          rows: days.map(({ day, opened, listed }) => [day, String(opened), String(listed)]),
          empty: texts.noEvents,
        })}
      </details>`,
    ],
  })

const sessionsCard = (
  frame: ConsoleFrame,
  sessions: PractitionerState['sessions'],
  texts: ConsoleTexts,
): Markup =>
  card({
    id: 'sessions',
    title: texts.sessions,
    content: table({
      caption: texts.sessions,
      captionHidden: true,
      columns: [texts.device, texts.since, texts.lastActive, { label: texts.acts, hidden: true }],
      rows: sessions.map((session) => [
        deviceWords(session.userAgent, session.network, texts),
        time(session.startedAt, frame.now, frame.language),
        time(session.lastActiveAt, frame.now, frame.language),
        linkButton(`/console/cut?scope=session&target=${session.id}`, texts.cut, 'quiet', session.network),
      ]),
      empty: texts.noSessions,
    }),
  })
