// SPDX-License-Identifier: Apache-2.0
/**
 * What the DNS says of a sending domain, beside what it should say. Judged by what records do and not by how they are written: SPF is
 * evaluated for each address that mail comes from, DKIM keys are compared as keys, a DMARC policy may stand above the domain.
 */
import type { Clock } from '../base/clock.ts'
import type { Answer, Resolver } from '../dns/resolver.ts'
import { discoverDmarc } from '../protocol/dmarc/discovery.ts'
import { parseDomain } from '../protocol/mailbox.ts'
import { checkHost } from '../protocol/spf/check-host.ts'
import type { DnsRecord, SendingHost } from '../records/dns-records.ts'
import type { DomainView } from '../records/domain-service.ts'

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

export function checkDomain(
  context: DomainCheckContext,
  { domain, dns }: DomainView,
): Promise<readonly CheckedRecord[]> {
  return Promise.all(dns.map((expected) => checks[expected.about](context, expected, domain.name)))
}

const checks = {
  dkim: checkKey,
  'return-path': checkReturnPath,
  spf: checkSpf,
  dmarc: checkDmarc,
} as const satisfies Record<DnsRecord['about'], unknown>

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
  if (published.length === 0) return nothingAt(expected, answer)
  if (hosts.some(({ exchange }) => exchange === host.hostname))
    return asExpected(expected, published)
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
      published,
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
      return { expected, published, state: 'unknown', why: 'a name in it gets no answer' }
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

/** Where mail comes from; of a host without addresses of its own, what the DNS says of it. */
async function addressesOf({ resolver, host }: DomainCheckContext): Promise<readonly string[]> {
  if (host.addresses.length > 0) return host.addresses
  const answers = await Promise.all([
    resolver.addresses(host.hostname, 4),
    resolver.addresses(host.hostname, 6),
  ])
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
  return { expected, published, state: 'ok', why: null }
}

function different(expected: DnsRecord, published: readonly string[], why: string): CheckedRecord {
  return { expected, published, state: 'different', why }
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
