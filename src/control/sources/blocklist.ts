// SPDX-License-Identifier: Apache-2.0
/**
 * Lists of addresses in the DNS (RFC 5782), asked so that only what a list says counts. One that does not answer its test entries as
 * §5 wants (127.0.0.2 is listed, 127.0.0.1 is not) cannot be asked from here: a resolver answers for it, or it refuses us.
 */
import { isIPv4 } from 'node:net'
import type { AddressRecord, Answer, Resolver } from '../../dns/resolver.ts'
import { reverseName } from '../../dns/reverse-name.ts'
import type { ListFinding } from '../../records/source-checkup.ts'

export interface Blocklist {
  /** What people see: a zone may hold a key. */
  readonly name: string
  readonly zone: string
}

/** Whether a list can be asked from here: `null`, or why not. */
export type Standing = Pick<ListFinding, 'state' | 'why'> | null

const LONGEST_REASON = 200
const DENIES_ALL = 'it has not 127.0.0.2, which every list has: something denies all'
const testEntries = {
  4: { listed: '127.0.0.2', clear: '127.0.0.1' },
  // RFC 5782 §5: the same in IPv6.
  6: { listed: '::ffff:7f00:2', clear: '::ffff:7f00:1' },
} as const

type Asked = Pick<Resolver, 'addresses' | 'txt'>

/** Asked once a round, whatever number of sources there are. */
export async function standingOf(
  resolver: Asked,
  { name, zone }: Blocklist,
  family: 4 | 6,
): Promise<Standing> {
  const entries = testEntries[family]
  const [clear, listed] = await Promise.all([
    look(resolver, entries.clear, zone),
    look(resolver, entries.listed, zone),
  ])
  const refusal = refusalIn(clear) ?? refusalIn(listed)
  if (refusal !== null) return refused(name, refusal)
  if (clear.kind === 'failed' || listed.kind === 'failed')
    return { state: 'unanswered', why: `${name} does not answer` }
  if (clear.kind === 'found')
    return refused(name, `it has ${entries.clear}, which no list has: something answers for all`)
  if (listed.kind !== 'found')
    return refused(name, family === 6 ? 'it has no IPv6 addresses' : DENIES_ALL)
  return null
}

/** What a list that can be asked says of an address. */
export async function lookUpAddress(
  resolver: Asked,
  { name, zone }: Blocklist,
  address: string,
): Promise<ListFinding> {
  const answer = await look(resolver, address, zone)
  if (answer.kind === 'failed')
    return { list: name, state: 'unanswered', why: `${name} does not answer` }
  if (answer.kind !== 'found') return { list: name, state: 'clear', why: null }
  const refusal = refusalIn(answer)
  if (refusal !== null) return { list: name, ...refused(name, refusal) }
  const codes = answer.records.map((record) => record.address).join(', ')
  const reason = await reasonOf(resolver, address, zone)
  return { list: name, state: 'listed', why: `${name} has ${address} (${codes})${reason}` }
}

function look(resolver: Asked, address: string, zone: string): Promise<Answer<AddressRecord>> {
  return resolver.addresses(listName(address, zone), 4)
}

/** RFC 5782 §2.1, §2.4: the octets, or the nibbles, the other way round. */
export function listName(address: string, zone: string): string {
  const reversed = reverseName(address) ?? ''
  return reversed.replace(isIPv4(address) ? /in-addr\.arpa$/ : /ip6\.arpa$/, zone)
}

/** RFC 5782 §2.1: why, in words; only there to be read. */
async function reasonOf(resolver: Asked, address: string, zone: string): Promise<string> {
  const answer = await resolver.txt(listName(address, zone))
  const [text] = answer.kind === 'found' ? answer.records : []
  return text === undefined ? '' : `: ${text.slice(0, LONGEST_REASON)}`
}

/**
 * Answers that say nothing of the address. Spamhaus: 127.255.255.252 to 255, "DNSBL return codes", 2025. 127.0.0.1 (URIBL, SURBL) and
 * 127.0.0.255 (dnswl.org) say the same. What is not in 127/8 comes from a resolver that sells names that are not there.
 */
function refusalIn(answer: Answer<AddressRecord>): string | null {
  if (answer.kind !== 'found') return null
  for (const { address } of answer.records) {
    const known = refusals[address]
    if (known !== undefined) return `${known} (${address})`
    if (address.startsWith('127.255.255.')) return `it refuses us (${address})`
    if (!address.startsWith('127.')) return `${address} is no answer of a list`
  }
  return null
}

const refusals: Readonly<Record<string, string>> = {
  '127.0.0.1': 'it does not let this resolver ask',
  '127.0.0.255': 'it was asked too much',
  '127.255.255.252': 'there is no such zone; is its name written as it should be?',
  '127.255.255.254': 'it does not let open resolvers ask: give [dns] a resolver of your own',
  '127.255.255.255': 'it was asked too much',
}

function refused(name: string, why: string) {
  return { state: 'refused', why: `${name} cannot be asked: ${why}` } as const
}
