/** A key for an authenticator app: as a picture, in letters, and as a link for the device that shows it. */

import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { qrSvg } from './qr.ts'

export interface OfferWords {
  /** What the picture is, for those who do not see it. */
  qr: string
  key: string
  openApp: string
}

/** Four letters at a time can be read aloud and typed. */
export const codeOffer = (words: OfferWords, offer: { address: string; key: string }): Markup =>
  html`<div class="qr">${qrSvg(offer.address, words.qr)}</div>
    <p>${words.key}<br /><code>${offer.key.match(/.{4}/g)?.join(' ')}</code></p>
    <p><a href="${offer.address}">${words.openApp}</a></p>`
