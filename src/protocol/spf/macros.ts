// SPDX-License-Identifier: Apache-2.0
/** Macros of SPF (RFC 7208 §7). Pure. */
import { type ClientAddress, dotted } from './client-address.ts'

export interface MacroFacts {
  /** `local-part@domain`. */
  readonly sender: string
  readonly helo: string
  readonly address: ClientAddress
  /** As text, for explanations. */
  readonly client: string
  /** That is checked now. */
  readonly domain: string
  /** A name of the client that is proved by its address, or `unknown`. */
  readonly validated: string
  /** Of the host that checks. */
  readonly receiver: string
  /** Seconds since 1970. */
  readonly now: number
}

const MACRO = /%(?:\{([a-z])(\d*)(r?)([.\-+,/_=]*)\}|([%_-]))/gi
/** §7.3: a name that is longer loses labels from the left. */
const LONGEST_NAME = 253

export function expandMacros(text: string, facts: MacroFacts): string {
  return text.replace(MACRO, (_, letter, digits, reverse, delimiters, sign) => {
    if (sign !== undefined) return sign === '%' ? '%' : sign === '_' ? ' ' : '%20'
    const value = macroValue(letter.toLowerCase(), facts)
    const parts = value.split(new RegExp(`[${(delimiters || '.').replace(/[\\\]^-]/g, '\\$&')}]`))
    if (reverse !== '') parts.reverse()
    const kept = digits === '' ? parts : parts.slice(-Number(digits))
    const joined = kept.join('.')
    return letter === letter.toLowerCase() ? joined : escapedForUrl(joined)
  })
}

/** A name of the DNS, without the final dot. */
export function expandName(text: string, facts: MacroFacts): string {
  let name = expandMacros(text, facts).replace(/\.$/, '')
  while (name.length > LONGEST_NAME && name.includes('.')) name = name.slice(name.indexOf('.') + 1)
  return name
}

function macroValue(letter: string, facts: MacroFacts): string {
  const at = facts.sender.lastIndexOf('@')
  switch (letter) {
    case 's':
      return facts.sender
    case 'l':
      return facts.sender.slice(0, at)
    case 'o':
      return facts.sender.slice(at + 1)
    case 'd':
      return facts.domain
    case 'i':
      return dotted(facts.address)
    case 'p':
      return facts.validated
    case 'h':
      return facts.helo
    case 'c':
      return facts.client
    case 'r':
      return facts.receiver
    case 't':
      return String(facts.now)
    default:
      return facts.address.family === 4 ? 'in-addr' : 'ip6'
  }
}

/** Unreserved characters of RFC 3986 stay. */
function escapedForUrl(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
