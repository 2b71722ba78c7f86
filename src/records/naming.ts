// SPDX-License-Identifier: Apache-2.0
/** Names that people give to records or look records up by; what is wrong is said in a sentence that helps. */
import { RelayError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { type Domain, parseDomain } from '../protocol/mailbox.ts'
import { parseSlug, type Slug } from './records.ts'

/** `what` is the kind of record: "tenant", "stream". */
export function slugFor(what: string, text: string): Slug {
  const slug = parseSlug(text)
  if (slug !== null) return slug
  const meant = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 32)
  const example = parseSlug(meant) ?? 'acme'
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `"${text}" cannot name a ${what}: use lower-case letters, digits and hyphens, at most 32, such as "${example}"`,
  )
}

/** `what` is what the domain is for: "domain", "return-path domain". */
export function domainFor(what: string, text: string): Domain {
  const domain = parseDomain(text)
  if (domain !== null && !domain.startsWith('[') && domain.includes('.')) return domain
  const hint = text.includes('@') ? `; only the part after the "@" is wanted` : ''
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `"${text}" is no ${what}: expected a name such as "news.example.com"${hint}`,
  )
}

/** `RLY_RECORD_EXISTS`. */
export function alreadyThere(what: string): RelayError {
  return new RelayError('RLY_RECORD_EXISTS', `${what} exists already`)
}

/** `RLY_RECORD_UNKNOWN` with the nearest of the names that are there. */
export function unknownRecord(what: string, name: string, names: Iterable<string>): RelayError {
  const all = [...names]
  const meant = nearest(name, all)
  const advice =
    meant !== null ? `; did you mean "${meant}"?` : all.length === 0 ? `; there is none yet` : ''
  return new RelayError('RLY_RECORD_UNKNOWN', `no ${what} "${name}"${advice}`)
}

/** `"a", "b" and 3 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** A phrase, with the nearest of the pools of the configuration, or all. */
export function unknownPool(name: string, pools: readonly string[]): string {
  const meant = nearest(name, pools)
  const advice = meant === null ? `there are: ${pools.join(', ')}` : `did you mean "${meant}"?`
  return `there is no pool "${name.slice(0, 100)}" in the configuration; ${advice}`
}
