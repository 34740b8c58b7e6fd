/** Forms that post and redirect. Each control carries its label, its hint and its problem, tied by `aria-describedby`. */

import { html } from 'hono/html'
import { attributes, type Content, type Markup } from './markup.ts'

export interface Form {
  action: string
  content: Content
  /** Values that go along unseen. */
  hidden?: Record<string, string>
  id?: string
  /** `inline`: one button in a row of a table. */
  layout?: 'stack' | 'inline'
  /** `get` for searches only: whatever changes something posts. */
  method?: 'post' | 'get'
  /** A fresh passkey for this one act goes along, in `assertion`: needs the module `passkey`. */
  confirms?: Confirmed
}

export interface Confirmed {
  /** Digest of the act. */
  act: string
  /** Said when the person or the browser said no. */
  cancelled: string
}

export const form = ({
  action,
  content,
  hidden = {},
  id,
  layout = 'stack',
  method = 'post',
  confirms,
}: Form): Markup =>
  html`<form${attributes({ class: `form form-${layout}`, method, action, id, 'data-confirm-act': confirms?.act, 'data-cancelled': confirms?.cancelled })}>
    ${Object.entries(hidden).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}${content}${
      confirms && html`<div class="notice caution" role="alert" data-passkey-problem hidden></div>`
    }
  </form>`

export interface Button {
  /** A verb. */
  label: string
  kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  name?: string
  value?: string
  id?: string
  /** `button` for one that only a module makes useful; it stays hidden until the module shows it. */
  type?: 'submit' | 'button'
  hidden?: boolean
  /** What the button acts on, where the word alone does not say it (rows of a table). */
  about?: string
}

export const button = ({ label, kind = 'primary', type = 'submit', about, ...rest }: Button): Markup =>
  html`<button${attributes({ class: `button ${kind}`, type, ...rest })}>${label}${
    about && html`<span class="unseen"> ${about}</span>`
  }</button>`

export const linkButton = (
  href: string,
  label: string,
  kind: Button['kind'] = 'plain',
  about?: string,
): Markup =>
  html`<a class="button ${kind}" href="${href}"
    >${label}${about && html`<span class="unseen"> ${about}</span>`}</a
  >`

interface Control {
  name: string
  /** The control's id; its name where a page has it once. */
  id?: string
  label: string
  hint?: string
  /** What is wrong with what was sent, in a sentence that says what to do. */
  problem?: string
}

export interface Field extends Control {
  type?: 'text' | 'password' | 'email' | 'search' | 'date' | 'datetime-local'
  value?: string
  required?: boolean
  /** WCAG 1.3.5: what the browser may fill in, such as `username webauthn`. */
  autocomplete?: string
  inputmode?: 'numeric' | 'text'
  pattern?: string
  maxlength?: number
  minlength?: number
  autofocus?: boolean
  spellcheck?: boolean
}

export function field({ label, hint, problem, type = 'text', spellcheck, ...input }: Field): Markup {
  const { id = input.name } = input
  const control = html`<input${attributes({
    class: 'input',
    type,
    ...input,
    id,
    spellcheck: spellcheck === undefined ? undefined : String(spellcheck),
    ...described(id, hint, problem),
  })} />`
  return labelled(id, { label, hint, problem }, control)
}

export interface TextArea extends Control {
  value?: string
  required?: boolean
  rows?: number
  maxlength?: number
}

export function textArea({ label, hint, problem, value = '', rows = 3, ...input }: TextArea): Markup {
  const { id = input.name } = input
  const values = { class: 'input', rows, ...input, id, ...described(id, hint, problem) }
  return labelled(id, { label, hint, problem }, html`<textarea${attributes(values)}>${value}</textarea>`)
}

export interface Option {
  value: string
  label: string
}

export interface Select extends Control {
  options: Option[]
  value?: string
  required?: boolean
}

export function select({ label, hint, problem, options, value, ...input }: Select): Markup {
  const { id = input.name } = input
  const values = { class: 'input', ...input, id, ...described(id, hint, problem) }
  const control = html`<select${attributes(values)}>
    ${options.map(
      (option) =>
        html`<option${attributes({ value: option.value, selected: option.value === value })}>${option.label}</option>`,
    )}
  </select>`
  return labelled(id, { label, hint, problem }, control)
}

export interface Choices extends Control {
  options: (Option & { hint?: string })[]
  value?: string
}

/** One of several, each with its own line of explanation. */
export function choices({ name, label, hint, problem, options, value }: Choices): Markup {
  return html`<fieldset${attributes({ class: 'choices', ...described(name, hint, problem) })}>
    <legend>${label}</legend>
    ${remarks(name, hint, problem)}
    ${options.map((option) => {
      const id = `${name}-${option.value}`
      const about = option.hint === undefined ? undefined : `${id}-hint`
      return html`<div class="choice">
        <input${attributes({
          type: 'radio',
          id,
          name,
          value: option.value,
          checked: option.value === value,
          required: true,
          'aria-describedby': about,
        })} />
        <label for="${id}">${option.label}</label>
        ${option.hint && html`<p class="hint" id="${about}">${option.hint}</p>`}
      </div>`
    })}
  </fieldset>`
}

export interface Checkbox extends Control {
  checked?: boolean
  required?: boolean
}

export const checkbox = ({ name, label, hint, problem, checked, required }: Checkbox): Markup =>
  html`<div class="field choice">
    <input${attributes({
      type: 'checkbox',
      id: name,
      name,
      value: 'yes',
      checked,
      required,
      ...described(name, hint, problem),
    })} />
    <label for="${name}">${label}</label>
    ${remarks(name, hint, problem)}
  </div>`

const described = (id: string, hint?: string, problem?: string) => ({
  'aria-describedby':
    [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined,
  'aria-invalid': problem ? 'true' : undefined,
})

const remarks = (id: string, hint?: string, problem?: string): Markup =>
  html`${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}${
    problem && html`<p class="problem" id="${id}-problem">${problem}</p>`
  }`

const labelled = (id: string, { label, hint, problem }: Omit<Control, 'name'>, control: Markup): Markup =>
  html`<div class="field">
    <label for="${id}">${label}</label>
    ${remarks(id, hint, problem)}${control}
  </div>`
