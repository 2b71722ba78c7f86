// SPDX-License-Identifier: Apache-2.0
/** The text of an SPF record (RFC 7208 §4.5, §4.6, §12), taken apart. Pure. */

export type Qualifier = 'pass' | 'fail' | 'softfail' | 'neutral'

export type MechanismName = 'all' | 'include' | 'a' | 'mx' | 'ptr' | 'ip4' | 'ip6' | 'exists'

export interface Mechanism {
  readonly name: MechanismName
  readonly qualifier: Qualifier
  /** With macros; `null`: the domain that is checked. An address for `ip4` and `ip6`. */
  readonly value: string | null
  /** Bits of a prefix. */
  readonly prefix4: number
  readonly prefix6: number
}

export interface SpfRecord {
  readonly mechanisms: readonly Mechanism[]
  readonly redirect: string | null
  readonly explanation: string | null
}

const qualifiers = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const
/** §4.6.4: what costs a look-up, and `redirect`. */
export const lookUpMechanisms: ReadonlySet<MechanismName> = new Set([
  'include',
  'a',
  'mx',
  'ptr',
  'exists',
])

const TERM =
  /^(?<qualifier>[+\-?~])?(?<name>all|include|a|mx|ptr|ip4|ip6|exists)(?<colon>:(?<value>[^/]+(?:\/(?!\/?\d{1,3}(?:\/\/\d{1,3})?$)[^/]*)*))?(?<prefix>\/.*)?$/i
const MODIFIER = /^([a-z][a-z0-9\-_.]*)=(.*)$/i
/** §7.1: a macro with transformers and delimiters, an escape, or a visible character. */
const MACRO_STRING = /^(?:%\{[slodiphcrtv]\d*r?[.\-+,/_=]*\}|%%|%_|%-|[!-$&-~])*$/i
/** In names the macros that only explanations have are none. */
const NAME_MACROS = /%\{[crt]/i
/** §7.1 `domain-end`: a label that is no number, or a macro. */
const DOMAIN_END = /(?:\.(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?|%\{[^}]*\})$/i

/** Which of the TXT records of a name is one for SPF (§4.5). */
export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text)
}

/** `null` where the text breaks the grammar: a permanent error (§4.6). */
export function parseSpf(text: string): SpfRecord | null {
  const mechanisms: Mechanism[] = []
  const modifiers = new Map<string, string>()
  for (const term of text.slice('v=spf1'.length).split(' ')) {
    if (term === '') continue
    const mechanism = parseMechanism(term)
    if (mechanism !== null) {
      mechanisms.push(mechanism)
      continue
    }
    const match = MODIFIER.exec(term)
    if (match === null) return null
    const name = (match[1] ?? '').toLowerCase()
    const value = match[2] ?? ''
    const isOurs = name === 'redirect' || name === 'exp'
    if (isOurs ? modifiers.has(name) || !isDomainSpec(value) : !MACRO_STRING.test(value))
      return null
    modifiers.set(name, value)
  }
  return {
    mechanisms,
    redirect: modifiers.get('redirect') ?? null,
    explanation: modifiers.get('exp') ?? null,
  }
}

export function isMacroString(text: string): boolean {
  return MACRO_STRING.test(text)
}

function parseMechanism(term: string): Mechanism | null {
  const groups = TERM.exec(term)?.groups
  if (groups === undefined) return null
  const name = (groups['name'] ?? '').toLowerCase() as MechanismName
  const value = groups['value'] ?? null
  const sign = (groups['qualifier'] ?? '+') as keyof typeof qualifiers
  const prefix = prefixOf(name, groups['prefix'] ?? '')
  if (prefix === null || !isValueOf(name, value)) return null
  return { name, qualifier: qualifiers[sign], value, ...prefix }
}

function prefixOf(name: MechanismName, text: string) {
  const match = /^(?:\/(0|[1-9]\d{0,2}))?(?:\/\/(0|[1-9]\d{0,2}))?$/.exec(text)
  if (match === null) return null
  const [four, six] = [match[1], match[2]]
  if (text !== '' && name !== 'a' && name !== 'mx' && name !== 'ip4' && name !== 'ip6') return null
  if (six !== undefined && (name === 'ip4' || name === 'ip6')) return null
  const prefix4 = name === 'ip6' ? 32 : Number(four ?? 32)
  const prefix6 = Number((name === 'ip6' ? four : six) ?? 128)
  return prefix4 > 32 || prefix6 > 128 ? null : { prefix4, prefix6 }
}

function isValueOf(name: MechanismName, value: string | null): boolean {
  switch (name) {
    case 'all':
      return value === null
    case 'include':
    case 'exists':
      return value !== null && isDomainSpec(value)
    case 'a':
    case 'mx':
    case 'ptr':
      return value === null || isDomainSpec(value)
    case 'ip4':
    case 'ip6':
      return value !== null
  }
}

function isDomainSpec(text: string): boolean {
  return MACRO_STRING.test(text) && !NAME_MACROS.test(text) && DOMAIN_END.test(text)
}
