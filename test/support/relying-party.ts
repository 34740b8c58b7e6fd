/** A relying party on a real port that is told of sign-outs, and verifies them as Back-Channel Logout 1.0 §2.6 says. */

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import type { Outbound } from '../../src/core/ports.ts'

export interface Heard {
  claims: JWTPayload
  header: Record<string, unknown>
}

export interface RelyingParty {
  uri: string
  heard: Heard[]
  /** Requests that came, understood or not. */
  calls: number
  /** What it answers; a function is waited for. */
  answer: number | (() => Promise<number>)
  close(): Promise<void>
}

export async function relyingParty(
  issuer: string,
  audience: string,
  jwks: () => JSONWebKeySet,
  now: () => number,
): Promise<RelyingParty> {
  const server = createServer((request, response) => {
    void (async () => {
      its.calls++
      const status = typeof its.answer === 'number' ? its.answer : await its.answer()
      if (status === 200) its.heard.push(await verified(request))
      response.writeHead(status).end()
    })()
  })
  const verified = async (request: IncomingMessage): Promise<Heard> => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const token = new URLSearchParams(body).get('logout_token') ?? ''
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks()), {
      issuer,
      audience,
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'exp', 'jti', 'events', 'sub', 'sid'],
      currentDate: new Date(now() * 1000),
    })
    return { claims: payload, header: { ...protectedHeader } }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const its: RelyingParty = {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/backchannel`,
    heard: [],
    calls: 0,
    answer: 200,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return its
}

/** Reaches loopback, which the guard lets pass only where it was told to. */
export const loopbackOutbound: Outbound = {
  async call({ url, headers, body }) {
    const answer = await fetch(url, { method: 'POST', headers, redirect: 'manual', body: body ?? null })
    return { status: answer.status, headers: {}, body: new Uint8Array(await answer.arrayBuffer()) }
  },
}
