// SPDX-License-Identifier: Apache-2.0
/** From MX records to hosts in order, and to the name of the site that they make. RFC 5321 §5.1, RFC 7505. */
import type { Brand } from '../base/brand.ts'
import { type Random, shuffled } from '../base/random.ts'

/**
 * Shared by all domains whose MX sets are the same, e.g. `mx.example.net` or `(mx1|mx2).example.net`; built without loss, so two sets never share one.
 */
export type SiteName = Brand<string, 'SiteName'>

/** A host that takes a domain's mail. */
export interface MxHost {
  /** Lower case, without the final dot; or an address, where a route or literal names one. */
  readonly name: string
  /** The lowest is tried first. */
  readonly preference: number
}

/** RFC 7505: the only MX is the root, the domain takes no mail. */
export function isNullMx(hosts: readonly MxHost[]): boolean {
  return hosts.length > 0 && hosts.every((host) => host.name === '')
}

/** In order of preference, equal ones in random order to spread the load (RFC 5321 §5.1). */
export function orderHosts(hosts: readonly MxHost[], random: Random): MxHost[] {
  return shuffled(hosts, random).sort((a, b) => a.preference - b.preference)
}

/**
 * The name of a set of hosts, whatever their order: the labels that all share are written once, the rest are
 * alternatives. `mx.example.net` · `(mx1|mx2).example.net` · `(alt1|alt2)?.mx.example.net`, where `?` says that the
 * shared part is a host itself · `(a.example|b.invalid)` · `()` for no host.
 *
 * Characters that mean something here, or that no host name has, are written as `%28`: a hostile MX record
 * cannot spell the name of another's site, nor that of a fixed route, which has a colon.
 */
export function siteName(hosts: Iterable<string>): SiteName {
  const names = [...new Set(hosts)].map(escaped).sort()
  const [first, ...others] = names
  if (first === undefined) return '()' as SiteName
  if (others.length === 0) return first as SiteName
  const shared = sharedSuffix(names.map((name) => name.split('.')))
  const suffix = shared.join('.')
  if (shared.length === 0) return `(${names.join('|')})` as SiteName
  const rest = names.filter((name) => name !== suffix)
  const alternatives = rest.map((name) => name.slice(0, -suffix.length - 1)).join('|')
  return `(${alternatives})${rest.length < names.length ? '?' : ''}.${suffix}` as SiteName
}

/** The site of a fixed route: one host and one port, `relay.example:587`, `[2001:db8::1]:25`. */
export function fixedSiteName(host: string, port: number): SiteName {
  return `${host.includes(':') ? `[${host}]` : host}:${port}` as SiteName
}

/** The site of an address literal: as it is written in the mailbox, `[192.0.2.1]`. */
export function literalSiteName(literal: string): SiteName {
  return literal as SiteName
}

/** The site as a rule of its own meets it; no name of another kind has a plus sign. */
export function markedSiteName(site: SiteName, mark: string): SiteName {
  return `${site}+${mark}` as SiteName
}

/** The longest list of labels that ends every one of `names`. */
function sharedSuffix(names: readonly (readonly string[])[]): readonly string[] {
  const [first = []] = names
  let length = 0
  while (
    length < first.length &&
    names.every(
      (labels) => length < labels.length && labels.at(-1 - length) === first.at(-1 - length),
    )
  )
    length++
  return length === 0 ? [] : first.slice(-length)
}

/** Percent-encoding of all but letters, digits, dot, hyphen and underscore, octet by octet of UTF-8. */
function escaped(name: string): string {
  if (/^[a-z0-9._-]*$/.test(name)) return name
  let text = ''
  for (const octet of Buffer.from(name)) {
    const character = String.fromCharCode(octet)
    text += /[a-z0-9._-]/.test(character) ? character : `%${octet.toString(16).padStart(2, '0')}`
  }
  return text
}
