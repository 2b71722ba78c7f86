// SPDX-License-Identifier: Apache-2.0
/**
 * One record beside what the DNS says. Judged by what it does and not by how it is written: SPF is evaluated for each address that mail
 * comes from, DKIM keys are compared as keys, a DMARC policy may stand above the domain, a host may be reached by an alias.
 */
import type { Clock } from '../../base/clock.ts'
import { domainLimits } from '../../base/limits/domain-limits.ts'
import type { Answer, Resolver } from '../../dns/resolver.ts'
import { discoverDmarc } from '../../protocol/dmarc/discovery.ts'
import { parseDomain } from '../../protocol/mailbox.ts'
import { checkHost } from '../../protocol/spf/check-host.ts'
import type { DnsRecord, SendingHost } from '../../records/domains/dns-records.ts'

const NO_ANSWER_WITHIN = 'a name in it gets no answer'

export interface CheckedRecord {
  readonly expected: DnsRecord
  /** Values of the records of that name and type. */
  readonly published: readonly string[]
  /** `unknown`: the DNS gave no answer. */
  readonly state: 'ok' | 'missing' | 'different' | 'unknown'
  /** What is wrong; `null` where nothing is. */
  readonly why: string | null
}

export interface DomainCheckContext {
  /** Without a memory: what holds now. */
  readonly resolver: Resolver
  readonly clock: Clock
  readonly host: SendingHost
}

/** The first character of `published` that is not as in `expected`; its length where there is none. */
export function firstDifference(expected: string, published: string): number {
  let at = 0
  while (at < published.length && published[at] === expected[at]) at++
  return at
}

type Check = (
  context: DomainCheckContext,
  expected: DnsRecord,
  domain: string,
) => Promise<CheckedRecord>

export const recordChecks = {
  ownership: checkOwnership,
  dkim: checkKey,
  'dkim-next': checkKey,
  'dkim-retiring': checkKey,
  'return-path': checkReturnPath,
  spf: checkSpf,
  dmarc: checkDmarc,
  tracking: checkTracking,
} as const satisfies Record<DnsRecord['about'], Check>

async function checkOwnership(
  { resolver }: DomainCheckContext,
  expected: DnsRecord,
): Promise<CheckedRecord> {
  const answer = await resolver.txt(expected.name)
  const published = textsOf(answer)
  if (published.length === 0) return nothingAt(expected, answer)
  if (published.some((text) => text.trim() === expected.value))
    return asExpected(expected, published)
  return different(expected, published, 'what is there is not for this account')
}

async function checkKey(
  { resolver }: DomainCheckContext,
  expected: DnsRecord,
): Promise<CheckedRecord> {
  const answer = await resolver.txt(expected.name)
  const published = textsOf(answer)
  if (published.length === 0) return nothingAt(expected, answer)
  const key = keyIn(expected.value)
  if (published.some((text) => keyIn(text) === key)) return asExpected(expected, published)
  return different(expected, published, 'the key there is another one')
}

async function checkReturnPath(
  { resolver, host }: DomainCheckContext,
  expected: DnsRecord,
): Promise<CheckedRecord> {
  const name = parseDomain(expected.name)
  if (name === null) return different(expected, [], 'this is no name that can have mail')
  const answer = await resolver.mx(name)
  const hosts = answer.kind === 'found' ? answer.records : []
  const published = hosts.map(({ preference, exchange }) => `${preference} ${exchange}`)
  if (hosts.some(({ exchange }) => exchange === host.hostname))
    return asExpected(expected, published)
  // As an alias of our host it has our MX, or our addresses.
  const alias = await resolver.cname(name)
  if (textsOf(alias).includes(host.hostname)) return asExpected(expected, textsOf(alias))
  if (published.length === 0) return nothingAt(expected, answer)
  return different(expected, published, `bounces go elsewhere, not to ${host.hostname}`)
}

async function checkSpf(context: DomainCheckContext, expected: DnsRecord): Promise<CheckedRecord> {
  const { resolver, clock, host } = context
  const answer = await resolver.txt(expected.name)
  const published = textsOf(answer)
  if (published.length === 0) return nothingAt(expected, answer)
  const addresses = await addressesOf(context)
  if (addresses.length === 0)
    return {
      expected,
      published: shown(published),
      state: 'unknown',
      why: `${host.hostname} has no address in the DNS`,
    }
  const refused: string[] = []
  for (const address of addresses) {
    const { result } = await checkHost(resolver, {
      address,
      sender: `postmaster@${expected.name}`,
      helo: host.hostname,
      receiver: host.hostname,
      now: Math.floor(clock.now() / 1_000),
    })
    if (result === 'temperror')
      return { expected, published: shown(published), state: 'unknown', why: NO_ANSWER_WITHIN }
    if (result !== 'pass') refused.push(`${address} gets "${result}"`)
  }
  if (refused.length === 0) return asExpected(expected, published)
  return different(expected, published, `mail from here does not pass: ${refused.join(', ')}`)
}

async function checkDmarc(
  { resolver }: DomainCheckContext,
  expected: DnsRecord,
  domain: string,
): Promise<CheckedRecord> {
  const found = await discoverDmarc(async (name) => {
    const answer = await resolver.txt(name)
    return answer.kind === 'failed' ? null : textsOf(answer)
  }, domain)
  if (found.kind === 'found') return asExpected(expected, [found.record.text])
  const why = 'neither the domain nor one above it has a policy'
  return found.kind === 'none'
    ? { expected, published: [], state: 'missing', why }
    : { expected, published: [], state: 'unknown', why: `${found.name} gets no answer` }
}

/** An alias of our host, or a name with one of its addresses: DNS providers make these of aliases at the top of a zone. */
async function checkTracking(
  { resolver, host }: DomainCheckContext,
  expected: DnsRecord,
): Promise<CheckedRecord> {
  const links = host.links ?? host.hostname
  const answer = await resolver.cname(expected.name)
  if (textsOf(answer).includes(links)) return asExpected(expected, textsOf(answer))
  if (answer.kind === 'failed' || answer.kind === 'no-such-domain')
    return nothingAt(expected, answer)
  const [published, ours] = await Promise.all([
    addressesAt(resolver, expected.name),
    addressesAt(resolver, links),
  ])
  const found = [...textsOf(answer), ...published]
  if (found.length === 0) return nothingAt(expected, answer)
  if (published.some((address) => ours.includes(address))) return asExpected(expected, found)
  return different(expected, found, `links lead elsewhere, not to ${links}`)
}

/** Where mail comes from; of a host without addresses of its own, what the DNS says of it. */
async function addressesOf({ resolver, host }: DomainCheckContext): Promise<readonly string[]> {
  return host.addresses.length > 0 ? host.addresses : addressesAt(resolver, host.hostname)
}

async function addressesAt(resolver: Resolver, name: string): Promise<readonly string[]> {
  const answers = await Promise.all([resolver.addresses(name, 4), resolver.addresses(name, 6)])
  return answers.flatMap((answer) =>
    answer.kind === 'found' ? answer.records.map(({ address }) => address) : [],
  )
}

/** The `p=` of a key record (RFC 6376 §3.6.1); folding white space is none of the key. */
function keyIn(text: string): string | null {
  return /(?:^|;)\s*p\s*=([^;]*)/.exec(text)?.[1]?.replace(/\s+/g, '') ?? null
}

function textsOf(answer: Answer<string>): readonly string[] {
  return answer.kind === 'found' ? answer.records : []
}

function asExpected(expected: DnsRecord, published: readonly string[]): CheckedRecord {
  return { expected, published: shown(published), state: 'ok', why: null }
}

function different(expected: DnsRecord, published: readonly string[], why: string): CheckedRecord {
  return { expected, published: shown(published), state: 'different', why }
}

/** Whoever runs a zone may put anything there, and much of it. */
function shown(published: readonly string[]): readonly string[] {
  return published
    .slice(0, domainLimits.publishedValues)
    .map((text) => text.slice(0, domainLimits.publishedCharacters))
}

function nothingAt(expected: DnsRecord, answer: Answer<unknown>): CheckedRecord {
  if (answer.kind === 'failed')
    return {
      expected,
      published: [],
      state: 'unknown',
      why: `no answer from the DNS: ${answer.text}`,
    }
  return { expected, published: [], state: 'missing', why: 'nothing is published there' }
}
