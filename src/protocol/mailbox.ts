// SPDX-License-Identifier: Apache-2.0
/** Mailboxes and domains as RFC 5321 §4.1.2 writes them, with RFC 6531 local-parts and A-label domains. */
import { domainToASCII } from 'node:url'
import type { Brand } from '../base/brand.ts'
import { RecentMap } from '../base/recent-map.ts'

/** `local-part@domain`, the domain as lower-case A-labels. At most 254 octets. */
export type Mailbox = Brand<string, 'Mailbox'>

/** Lower-case A-labels, or an address literal in brackets. At most 255 octets. */
export type Domain = Brand<string, 'Domain'>

/** The longest local-part, RFC 5321 §4.5.3.1.1. */
const LOCAL_PART_OCTETS = 64
/** The longest path is 256 octets with its angle brackets, RFC 5321 §4.5.3.1.3. */
const MAILBOX_OCTETS = 254
/** RFC 1035 §2.3.4, without the dot of the root. */
const DOMAIN_OCTETS = 253
/** Most mail is from few domains, and to few. */
const knownDomains = new RecentMap<string, Domain | null>(1_000)

// Above ASCII all but the C1 control characters, U+0080 to U+009F: some terminals obey them.
const DOT_STRING =
  /^[\w!#$%&'*+/=?^`{|}~\u00a0-\u{10ffff}-]+(\.[\w!#$%&'*+/=?^`{|}~\u00a0-\u{10ffff}-]+)*$/u
const QUOTED_STRING = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e\u00a0-\u{10ffff}]|\\[\x20-\x7e])*"$/u
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/** `null` where the text is no mailbox that can be relayed to. */
export function parseMailbox(text: string): Mailbox | null {
  const at = text.lastIndexOf('@')
  if (at < 1) return null
  const local = text.slice(0, at)
  if (Buffer.byteLength(local) > LOCAL_PART_OCTETS) return null
  if (!DOT_STRING.test(local) && !QUOTED_STRING.test(local)) return null
  const domain = parseDomain(text.slice(at + 1))
  if (domain === null || Buffer.byteLength(local) + 1 + domain.length > MAILBOX_OCTETS) return null
  return `${local}@${domain}` as Mailbox
}

/** Accepts U-labels and gives A-labels; address literals keep their brackets (RFC 5321 §4.1.3). */
export function parseDomain(text: string): Domain | null {
  const known = knownDomains.get(text)
  if (known !== undefined) return known
  if (text.length > DOMAIN_OCTETS) return readDomain(text)
  // A copy: V8 would keep the whole field or line of which the text is a part.
  const own = Buffer.from(text).toString()
  const domain = readDomain(own)
  knownDomains.set(own, domain)
  return domain
}

function readDomain(text: string): Domain | null {
  if (text.startsWith('['))
    return /^\[[0-9A-Za-z:.]{2,60}\]$/.test(text) ? (text.toLowerCase() as Domain) : null
  if (/[^\w.\u0080-\u{10ffff}-]/u.test(text)) return null
  const isAscii = /^[\w.-]*$/.test(text)
  const domain = isAscii && !/xn--/i.test(text) ? text.toLowerCase() : domainToASCII(text)
  if (domain.length === 0 || domain.length > DOMAIN_OCTETS) return null
  return domain.split('.').every((label) => LABEL.test(label)) ? (domain as Domain) : null
}

export function domainOf(mailbox: Mailbox): Domain {
  return mailbox.slice(mailbox.lastIndexOf('@') + 1) as Domain
}

/** RFC 5321 §4.5.1. `host`: a name of ours. */
export function postmasterOf(host: string): Mailbox {
  return `postmaster@${host}` as Mailbox
}

/** The same for spellings that nearly every receiver takes for one: case of the local-part folded, plus-address kept. */
export function foldMailbox(mailbox: Mailbox): string {
  return mailbox.normalize('NFC').toLowerCase()
}

/** Whether the mailbox needs SMTPUTF8 (RFC 6531 §3.4). */
export function isInternational(mailbox: Mailbox): boolean {
  for (let at = 0; at < mailbox.length; at++) if (mailbox.charCodeAt(at) > 126) return true
  return false
}
