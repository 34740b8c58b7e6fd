/**
 * Which return addresses a client may register, and which address of a request is one of them. RFC 9700 §2.1 (exact
 * string match), RFC 8252 §7.1 (private schemes) and §7.3 (any port on loopback), RFC 6749 §3.1.2 (no fragment).
 */

const loopbackAddresses = ['127.0.0.1', '[::1]']

/** Where people may be sent back to: to https only, to loopback too, to an application of the device too, or nowhere. */
export type Returns = 'https' | 'loopback' | 'device' | 'none'

/** What is wrong with an address, in a sentence; undefined when it may be registered. */
export function faultOfRedirectUri(uri: string, returns: Returns): string | undefined {
  if (returns === 'none') return 'is only for a client that people sign in to'
  if (uri.length > 500 || !URL.canParse(uri)) return 'must be an absolute address of 500 characters or fewer'
  const url = new URL(uri)
  if (uri.includes('#')) return 'must not contain a fragment (#)'
  if (uri.includes('*')) return 'must not contain a wildcard (*): addresses are matched exactly'
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  // What a parser would silently change is not what the registrant saw: capitals, `..`, tabs, default ports.
  if (url.href !== uri && url.href !== `${uri}/`) return `must be written as ${url.href}`
  return faultOfScheme(url, returns)
}

function faultOfScheme(url: URL, returns: Returns): string | undefined {
  const loopback = loopbackAddresses.includes(url.hostname) || url.hostname === 'localhost'
  if (url.protocol === 'https:') return undefined
  if (returns === 'https') return 'must use https'
  if (url.protocol === 'http:') return loopback ? undefined : 'must use https, or http on loopback'
  if (returns === 'loopback') return 'must use https: a private scheme is for applications on a device'
  // RFC 8252 §7.1: a scheme based on a domain name under the registrant's control.
  return /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol)
    ? undefined
    : 'must use https, loopback, or a private scheme such as com.example.app:'
}

/**
 * OpenID Connect Back-Channel Logout 1.0 §2.2: an address we call, so never a private scheme, whatever the client is. That it
 * leads nowhere inside is the outbound guard's to say, at each call.
 */
export const faultOfLogoutAddress = (uri: string): string | undefined => faultOfRedirectUri(uri, 'loopback')

/** `portFree`: for applications on a device, whose loopback port the system chooses at run time. */
export function isRegistered(requested: string, registered: readonly string[], portFree: boolean): boolean {
  return registered.some(
    (uri) =>
      uri === requested ||
      (portFree &&
        isLoopback(uri) &&
        withoutPort(requested) === withoutPort(uri) &&
        // Ports end at 65535.
        URL.canParse(requested)),
  )
}

const isLoopback = (uri: string): boolean => loopbackPrefix.test(uri)
const loopbackPrefix = /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d{1,5})?(?=[/?]|$)/

/** Text, not a parser: only the digits after the host may differ. */
const withoutPort = (uri: string): string => uri.replace(loopbackPrefix, 'http://$1')
