// SPDX-License-Identifier: Apache-2.0
/**
 * What a key's value may look like. Each reader turns the TOML value into the program's own type, or says in one
 * phrase what it expected.
 */
import { isIP } from 'node:net'
import { z } from 'zod'
import type { DurationMs } from '../../base/brand.ts'
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseRate,
  parseSize,
} from '../../base/quantity.ts'
import { parseRange } from '../../protocol/address-range.ts'
import { type Domain, parseDomain, parseMailbox } from '../../protocol/mailbox.ts'
import { parseSlug } from '../../records/records.ts'
import { parsePostgresUrl } from './postgres-url.ts'

/** More of anything is a mistake. */
export const LONGEST_LIST = 100

/** Where to listen or to connect. */
export interface HostPort {
  /** An address, or a name where the key allows one. Without brackets. */
  readonly host: string
  readonly port: number
}

/** Addresses that share their first `prefix` bits. */
export interface Network {
  readonly address: string
  readonly prefix: number
  readonly family: 4 | 6
}

/** Which domains a route is for: one, all that end in a suffix, or all. */
export type DomainPattern =
  | { readonly kind: 'domain'; readonly domain: Domain }
  | { readonly kind: 'suffix'; readonly suffix: Domain }
  | { readonly kind: 'any' }

/** As the router and shaping rules read it. */
export function patternText(pattern: DomainPattern): string {
  if (pattern.kind === 'any') return '*'
  return pattern.kind === 'suffix' ? `*.${pattern.suffix}` : pattern.domain
}

/** What an issue of a key carries beside its message. */
export interface Expectation {
  /** After "expected". */
  readonly expected: string
  /** The words that are valid, where they can be counted. */
  readonly words: readonly string[]
}

/** A key whose value `read` understands; `null` from it is a problem that says what was `expected`. */
function key<T>(
  expected: string,
  read: (value: unknown) => T | null,
  words: readonly string[] = [],
) {
  return z.unknown().transform((value, context): T => {
    const result = value === undefined ? null : read(value)
    if (result !== null) return result
    context.addIssue({ code: 'custom', params: { expected, words } satisfies Expectation })
    return z.NEVER
  })
}

/** As `key`, for values that are strings. */
export function stringKey<T>(expected: string, read: (text: string) => T | null) {
  return key(expected, (value) => (typeof value === 'string' ? read(value) : null))
}

export function oneOf<const Word extends string>(...words: readonly Word[]) {
  const expected = words.map((word) => `"${word}"`).join(' or ')
  return key(expected, (value) => words.find((word) => word === value) ?? null, words)
}

/** See `TlsPolicy`. */
export const tlsPolicy = oneOf('opportunistic', 'require', 'verify', 'none')

/** Whole numbers of `least` to `most`. */
export function count(least: number, most: number) {
  return key(`a whole number from ${least} to ${most}`, (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? Number(value)
      : null,
  )
}

/** From `least` milliseconds, by default one. */
export function duration(least = 1) {
  const bound = least > 1 ? `of at least ${formatDuration(least)}` : 'above zero'
  return stringKey<DurationMs>(
    `a length of time ${bound} with its unit, such as "90s" or "1h 30m"`,
    (text) => {
      const length = parseDuration(text)
      return length === null || length < least ? null : length
    },
  )
}

/** Milliseconds of `least` to `most`. */
export function durationBetween(least: number, most: number) {
  const bounds = `from ${formatDuration(least)} to ${formatDuration(most)}`
  return stringKey<DurationMs>(
    `a length of time ${bounds} with its unit, such as "90s" or "5m"`,
    (text) => {
      const length = parseDuration(text)
      return length === null || length < least || length > most ? null : length
    },
  )
}

/** Octets, from `least`. */
export function size(least = 1) {
  const bound = least > 1 ? ` of at least ${formatSize(least)}` : ''
  return stringKey(`a size${bound} with its unit, such as "25 MiB"`, (text) => {
    const octets = parseSize(text)
    return octets === null || octets < least ? null : octets
  })
}

export const rate = stringKey('a rate such as "100/s", "60/min" or "1000/h burst 20"', parseRate)

/** What `schema` reads, or "unset": `null`. */
export function unsettable<T>(schema: z.ZodType<T>) {
  return z.unknown().transform((value, context): T | null => {
    if (value === 'unset') return null
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const [issue] = result.error.issues
    const expected = issue?.code === 'custom' ? issue.params?.['expected'] : issue?.message
    const params: Expectation = { expected: `${expected}, or "unset"`, words: ['unset'] }
    context.addIssue({ code: 'custom', params })
    return z.NEVER
  })
}

export const flag = key('true or false', (value) => (typeof value === 'boolean' ? value : null))

export const filePath = stringKey('the name of a file or folder', (text) =>
  text === '' || text.includes('\0') ? null : text,
)

export const someText = stringKey('a text of at most 500 characters', (text) =>
  text === '' || text.length > 500 ? null : text,
)

export const hostName = stringKey('a host name such as "relay.example.com"', (text) => {
  const domain = parseDomain(text)
  return domain === null || domain.startsWith('[') || isIP(domain) !== 0 ? null : domain
})

/** Of MX hosts: what is below a domain. */
export const mxSuffix = stringKey('a suffix of host names such as ".google.com"', (text) => {
  const domain = text.startsWith('.') ? parseDomain(text.slice(1)) : null
  return domain === null || domain.startsWith('[') ? null : `.${domain}`
})

/** Of a host to connect to. */
export const hostOrAddress = stringKey(
  'a host name or an address, such as "smtp.example.com" or "192.0.2.25"',
  (text) => {
    if (isIP(text) !== 0) return text
    const domain = parseDomain(text)
    return domain?.startsWith('[') ? null : domain
  },
)

export const ipAddress = stringKey('an IP address such as "192.0.2.25"', (text) =>
  isIP(text) === 0 ? null : text,
)

export const listenAddress = stringKey(
  'an address and a port, such as "127.0.0.1:2525", "0.0.0.0:587" or "[::1]:2525"',
  parseHostPort,
)

export const resolverAddress = stringKey(
  'the address of a resolver, such as "127.0.0.1" or "192.0.2.53:5353"',
  (text) => (isIP(text) === 0 ? parseHostPort(text) : { host: text, port: 53 }),
)

export const network = stringKey(
  'a network such as "10.20.0.0/16", "2001:db8::/64" or a single address; "/0" would be anybody',
  parseNetwork,
)

/** Of receivers' hosts. What was probably meant is said. */
export const addressRange = z.unknown().transform((value, context): string => {
  const range = typeof value === 'string' ? parseRange(value) : null
  const isFirst = range !== null && parseRange(String(value).replace(/\/.*$/, ''))
  if (range !== null && isFirst && isFirst.first.octets.join() === range.first.octets.join())
    return range.text
  const expected =
    range === null
      ? 'a range of addresses such as "192.0.2.0/24", "2001:db8::/48" or a single address; "/0" would be everybody'
      : `the first address of its range, "${range.text}"`
  context.addIssue({ code: 'custom', params: { expected, words: [] } satisfies Expectation })
  return z.NEVER
})

/** Of hosts that patterns are for: their names, or addresses. */
export const sampleHost = stringKey(
  'a host name such as "mx1.example.com", or an address',
  (text) => {
    if (isIP(text) !== 0) return text
    const domain = parseDomain(text)
    return domain?.startsWith('[') ? null : domain
  },
)

export const domainPattern = stringKey<DomainPattern>(
  'a domain such as "example.com", "*.example.com" or "*"',
  (text) => {
    if (text === '*') return { kind: 'any' }
    const domain = parseDomain(text.replace(/^\*\./, ''))
    if (domain === null) return null
    return text.startsWith('*.') ? { kind: 'suffix', suffix: domain } : { kind: 'domain', domain }
  },
)

export const slug = stringKey(
  'lower-case letters, digits and hyphens, at most 32, such as "default"',
  parseSlug,
)

export const httpsUrl = stringKey('a URL such as "https://acme.example.com/directory"', (text) => {
  const url = URL.canParse(text) ? new URL(text) : null
  return url?.protocol === 'https:' ? text : null
})

/** For people: where a browser finds us, without a slash at the end. Without TLS only on this host. */
export const webUrl = stringKey(
  'a URL without path such as "https://relay.example.com"; http:// for localhost alone',
  (text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null || `${url.origin}/` !== url.href) return null
    const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
    return url.protocol === 'https:' || (url.protocol === 'http:' && isHere) ? url.origin : null
  },
)

/** For recipients, whose links lead there for years: never without TLS, and by a name. */
export const httpsOrigin = stringKey(
  'a URL without path such as "https://click.example.com"',
  (text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null || `${url.origin}/` !== url.href || url.protocol !== 'https:') return null
    const domain = parseDomain(url.hostname)
    return domain === null || domain.startsWith('[') || isIP(domain) !== 0 ? null : url.origin
  },
)

/** Of an OpenID provider: as it names itself. Without TLS only on this host. */
export const issuerUrl = stringKey(
  'the issuer of an OpenID provider such as "https://login.example.com"; http:// for localhost alone',
  (text) => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null || url.search !== '' || url.hash !== '' || url.username !== '') return null
    const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
    return url.protocol === 'https:' || (url.protocol === 'http:' && isHere) ? text : null
  },
)

export const postgresUrl = stringKey(
  'where PostgreSQL is, such as "postgres://posthaste@db.example.com/posthaste", without a password, with sslmode alone after "?"',
  parsePostgresUrl,
)

/** Short enough for what we put after it, and of letters that need no quotes. */
export const sqlName = stringKey(
  'lower-case letters, digits and "_", at most 40, such as "posthaste"',
  (text) => (/^(?!pg_)[a-z_][a-z0-9_]{0,39}$/.test(text) ? text : null),
)

export const mailbox = stringKey('a mailbox such as "postmaster@example.com"', parseMailbox)

function parseHostPort(text: string): HostPort | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ''
  const port = Number(match?.[3])
  if (isIP(host) !== (match?.[1] === undefined ? 4 : 6) || port > 65_535) return null
  return { host, port }
}

function parseNetwork(text: string): Network | null {
  const [address = '', prefixText, ...rest] = text.split('/')
  const family = isIP(address)
  if ((family !== 4 && family !== 6) || rest.length > 0) return null
  const longest = family === 4 ? 32 : 128
  if (prefixText === undefined) return { address, prefix: longest, family }
  const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : 0
  return prefix === 0 || prefix > longest ? null : { address, prefix, family }
}
