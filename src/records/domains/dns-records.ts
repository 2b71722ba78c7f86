// SPDX-License-Identifier: Apache-2.0
/**
 * What the owner of a sending domain publishes: whose it is, DKIM (RFC 6376), return path with SPF (RFC 7208), DMARC (RFC 9989), the host
 * that links lead to.
 */
import { isIPv4 } from 'node:net'
import type { DnsRecordKind, SendingDomain, SigningKey, SigningKeyState } from '../records.ts'

export interface DnsRecord {
  readonly about: DnsRecordKind
  /** Without the final dot. */
  readonly name: string
  readonly type: 'TXT' | 'MX' | 'CNAME'
  /** A TXT record's strings joined; of an MX preference and host; hosts without the final dot. */
  readonly value: string
  /** What it is for, and what becomes of mail without it. */
  readonly purpose: string
}

/** Where mail comes from. */
export interface SendingHost {
  readonly hostname: string
  /** Of egress sources; empty where the system chooses. */
  readonly addresses: readonly string[]
  /** Where links lead: the name of what recipients reach. Absent: the host's own. */
  readonly links?: string
}

/** Seconds: short enough to mend a mistake, long enough to be remembered. */
export const RECORD_TTL_S = 3_600
/** The longest character string, RFC 1035 §3.3. */
const STRING_OCTETS = 255

export function dnsRecordsOf(
  domain: SendingDomain,
  keys: readonly SigningKey[],
  host: SendingHost,
): readonly DnsRecord[] {
  return [
    ...keys.map((key) => keyRecord(key)),
    {
      about: 'return-path',
      name: domain.returnPathDomain,
      type: 'MX',
      value: `10 ${host.hostname}`,
      purpose: 'Return path: bounces come back to this host.',
    },
    {
      about: 'spf',
      name: domain.returnPathDomain,
      type: 'TXT',
      value: `v=spf1 ${spfMechanisms(host)} -all`,
      purpose: `SPF: looked up at the return path, so that of ${domain.name} itself need not change.`,
    },
    {
      about: 'dmarc',
      name: `_dmarc.${domain.name}`,
      type: 'TXT',
      value: `v=DMARC1; p=none; rua=mailto:postmaster@${reportDomain(domain)}`,
      purpose: 'DMARC: only where this domain, or one above it, has none yet. Reports go to "rua".',
    },
    {
      about: 'ownership',
      name: `_posthaste.${domain.name}`,
      type: 'TXT',
      value: `posthaste-domain=${domain.ownershipToken}`,
      purpose: `Ownership: shows whose ${domain.name} is. A key that was made here shows it too.`,
    },
    {
      about: 'tracking',
      name: domain.trackingDomain,
      type: 'CNAME',
      value: host.links ?? host.hostname,
      purpose:
        'Links: where its recipients unsubscribe and links of its mail lead. Mail goes out without it.',
    },
  ]
}

/** This relay takes the reports; elsewhere than below the domain that would need a consent of its own (RFC 7489 §7.1). */
function reportDomain({ name, returnPathDomain }: SendingDomain): string {
  return returnPathDomain.endsWith(`.${name}`) ? returnPathDomain : name
}

const keyKinds = {
  next: ['dkim-next', 'DKIM: signs as soon as it is seen here, in place of the key before it.'],
  active: ['dkim', 'DKIM: receivers verify our signatures with this key.'],
  retiring: ['dkim-retiring', 'DKIM: signs no more, and stays for the mail that is on its way.'],
} as const satisfies Record<SigningKeyState, readonly [DnsRecordKind, string]>

function keyRecord(key: SigningKey): DnsRecord {
  const [about, purpose] = keyKinds[key.state]
  return {
    about,
    name: keyName(key),
    type: 'TXT',
    value: `v=DKIM1; k=${key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${key.publicKey}`,
    purpose,
  }
}

/** Where its record stands (RFC 6376 §3.6.2.1). */
export function keyName({ domain, selector }: Pick<SigningKey, 'domain' | 'selector'>): string {
  return `${selector}._domainkey.${domain}`
}

/** Lines for a zone file (RFC 1035 §5), each record under a comment. */
export function zoneText(records: readonly DnsRecord[]): string {
  return records
    .map(
      ({ name, type, value, purpose }) =>
        `; ${purpose}\n${name}. ${RECORD_TTL_S} IN ${type} ${type === 'TXT' ? characterStrings(value) : `${value}.`}\n`,
    )
    .join('\n')
}

function spfMechanisms({ hostname, addresses }: SendingHost): string {
  if (addresses.length === 0) return `a:${hostname}`
  return addresses.map((address) => `${isIPv4(address) ? 'ip4' : 'ip6'}:${address}`).join(' ')
}

function characterStrings(value: string): string {
  const strings: string[] = []
  for (let at = 0; at < value.length; at += STRING_OCTETS)
    strings.push(`"${value.slice(at, at + STRING_OCTETS)}"`)
  return strings.length === 1 ? strings.join('') : `(\n  ${strings.join('\n  ')} )`
}
