// SPDX-License-Identifier: Apache-2.0
/**
 * What a browser says of itself, and what it is told to keep: cookies that no page elsewhere can use.
 *
 * `__Host-`: only this host sets and gets it, over TLS (RFC 6265bis §4.1.3.2); browsers count loopback as safe. `HttpOnly`: no
 * script reads it. `SameSite=Strict`: it comes with no request that another site began. And because cookies alone prove
 * nothing about who made a request, requests that change something are looked at as OWASP's CSRF Prevention Cheat Sheet has it:
 * `Sec-Fetch-Site` (Fetch Metadata), else `Origin`, must say that a page of this origin asks, and the field `X-Posthaste-Login`
 * must be there, which a page elsewhere cannot send without a permission (CORS) that is never given.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { RelayError } from '../../base/errors.ts'
import { isLoopback } from '../../smtp/peer-address.ts'

export const SESSION_COOKIE = '__Host-posthaste'
/** Lax: it is wanted when the provider sends the browser back. */
export const OIDC_COOKIE = '__Host-posthaste-oidc'
export const LOGIN_FIELD = 'x-posthaste-login'

/** The parts of a request that these rules look at. */
export interface BrowserRequest {
  readonly method: string
  readonly protocol: string
  /** As the client names this host: name and port. */
  readonly host: string
  readonly headers: IncomingHttpHeaders
  /** Of the client; behind a trusted proxy that of its client. */
  readonly ip: string
}

export interface Browser {
  /** Of the client, without port. */
  readonly address: string
  readonly userAgent: string
  /** As it came, without the question mark. */
  readonly query: string
  cookie(name: string): string | null
  /** `null` takes it away. */
  setCookie(name: string, value: string | null, site: 'Strict' | 'Lax'): void
}

/** The first of that name; `null`: there is none. */
export function cookieIn(headers: IncomingHttpHeaders, name: string): string | null {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return null
}

/** Kept until the browser is closed; the session of the relay ends by itself. */
export function cookieText(name: string, value: string | null, site: 'Strict' | 'Lax'): string {
  const life = value === null ? '; Max-Age=0' : ''
  return `${name}=${value ?? ''}; Path=/; Secure; HttpOnly; SameSite=${site}${life}`
}

/** Throws `RLY_FORBIDDEN` where a page elsewhere may have made the request. */
export function checkOrigin(request: BrowserRequest): void {
  const { headers, method } = request
  if (isFromElsewhere(request))
    throw new RelayError(
      'RLY_FORBIDDEN',
      'this request comes from a page of another site; logins are for pages of this one',
    )
  if (method !== 'GET' && headers[LOGIN_FIELD] === undefined)
    throw new RelayError(
      'RLY_FORBIDDEN',
      'requests of people who log in bring the field "X-Posthaste-Login: 1"; it keeps pages of other sites out',
    )
}

/** What sends neither field is no browser of today, and a cookie of ours is `SameSite=Strict` for those of yesterday. */
function isFromElsewhere({ headers, host, method, protocol }: BrowserRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && !(site === 'none' && method === 'GET')
  const { origin } = headers
  return origin !== undefined && origin !== `${protocol}://${host}`
}

/** Throws `RLY_FORBIDDEN` where somebody on the way could read a password: without TLS only this host itself is safe. */
export function checkIsPrivate({ headers, host, ip, protocol }: BrowserRequest): void {
  const isForwarded = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded', 'via'].some(
    (name) => headers[name] !== undefined,
  )
  const isHere = isLoopback(ip.replace(/^::ffff:/, '')) && isLoopbackName(host) && !isForwarded
  if (protocol === 'https' || isHere) return
  throw new RelayError(
    'RLY_FORBIDDEN',
    "people log in over TLS, or on the relay's own host: give the API a certificate (tls in [api]), or name the proxy before it in trusted_proxies and let it send X-Forwarded-Proto",
  )
}

/** Not only the address: a name elsewhere may lead here (DNS rebinding). */
function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return name === 'localhost' || isLoopback(name)
}
