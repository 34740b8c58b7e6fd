/** Every program a configuration is written for, in the order they are offered. */

import type { Client } from '../client.ts'
import { authJs } from './auth-js.ts'
import { curl } from './curl.ts'
import { fhirclient } from './fhirclient.ts'
import { keycloak } from './keycloak.ts'
import { modAuthOpenidc } from './mod-auth-openidc.ts'
import { oauth2Proxy } from './oauth2-proxy.ts'
import { openidClient } from './openid-client.ts'
import { offer, type Offer, type Server, type Target } from './recipe.ts'
import { springSecurity } from './spring-security.ts'

const targets: readonly Target[] = [
  openidClient,
  authJs,
  springSecurity,
  oauth2Proxy,
  modAuthOpenidc,
  keycloak,
  fhirclient,
  curl,
]

export const targetNames = targets.map(({ name }) => name) as [string, ...string[]]

export const offers = (client: Client, server: Server): Offer[] =>
  targets.map((target) => offer(target, client, server))
