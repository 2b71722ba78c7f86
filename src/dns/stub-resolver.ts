// SPDX-License-Identifier: Apache-2.0
/**
 * A stub resolver (RFC 1034 §5.3.1) with a cache: asks recursive resolvers, keeps what they say for its time to live,
 * absence too (RFC 2308), and asks one question once however many wait for it.
 *
 * Known limits: does not verify signatures itself; `secure` is the word of a trusted resolver.
 */
import { ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { dnsLimits } from '../base/limits/limits.ts'
import type { Random } from '../base/random.ts'
import { TtlCache } from '../base/ttl-cache.ts'
import type { Domain } from '../protocol/mailbox.ts'
import { lowerCase, readAnswer } from './answer.ts'
import type { NameServer } from './exchange.ts'
import { type DnsRecord, isAskable, type Question } from './message.ts'
import type { AddressRecord, Answer, MxRecord, Resolver } from './resolver.ts'
import { reverseName } from './reverse-name.ts'
import { Upstream } from './upstream.ts'

export interface StubResolverOptions {
  /** Asked in this order; see `systemResolvers` and `nameServer`. */
  readonly servers: readonly NameServer[]
  readonly clock: Clock
  readonly random: Random
}

export class StubResolver implements Resolver {
  readonly #upstream: Upstream
  readonly #cache: TtlCache<Answer<DnsRecord>>
  /** Questions on their way, for all who ask the same meanwhile. */
  readonly #asked = new Map<string, Promise<Answer<DnsRecord>>>()

  constructor({ servers, clock, random }: StubResolverOptions) {
    this.#upstream = new Upstream(servers, clock, random)
    this.#cache = new TtlCache(clock, dnsLimits.cachedNames)
  }

  async mx(domain: Domain): Promise<Answer<MxRecord>> {
    return mapped(await this.#ask({ name: domain, type: 'MX' }), (record) =>
      record.type === 'MX'
        ? { preference: record.data.preference ?? 0, exchange: lowerCase(record.data.exchange) }
        : null,
    )
  }

  async addresses(host: string, family: 4 | 6): Promise<Answer<AddressRecord>> {
    const answer = await this.#ask({ name: lowerCase(host), type: family === 4 ? 'A' : 'AAAA' })
    return mapped(answer, (record) =>
      record.type === 'A' || record.type === 'AAAA' ? { address: record.data, family } : null,
    )
  }

  async txt(name: string): Promise<Answer<string>> {
    return mapped(await this.#ask({ name: lowerCase(name), type: 'TXT' }), (record) =>
      record.type === 'TXT' ? joined(record.data) : null,
    )
  }

  async cname(name: string): Promise<Answer<string>> {
    return mapped(await this.#ask({ name: lowerCase(name), type: 'CNAME' }), nameIn)
  }

  async ptr(address: string): Promise<Answer<string>> {
    const name = reverseName(address)
    if (name === null) return { kind: 'failed', text: `${address} is no address` }
    return mapped(await this.#ask({ name, type: 'PTR' }), nameIn)
  }

  /** Forgets everything; the next question goes out. */
  forget(): void {
    this.#cache.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#upstream.close()
    await Promise.all(this.#asked.values())
  }

  #ask(question: Question): Promise<Answer<DnsRecord>> {
    const key = `${question.type} ${question.name}`
    const known = this.#cache.get(key)
    if (known !== null) return Promise.resolve(withTtl(known.value, known.left))
    const running = this.#asked.get(key)
    if (running !== undefined) return running
    const asking = this.#lookUp(question).then((answer) => {
      this.#asked.delete(key)
      const ttl = answer.kind === 'failed' ? ms(dnsLimits.failureTtlMs) : answer.ttl
      this.#cache.set(key, answer, ttl)
      return answer
    })
    this.#asked.set(key, asking)
    return asking
  }

  /** Asks, and asks on where the answer stops at an alias. */
  async #lookUp(question: Question): Promise<Answer<DnsRecord>> {
    let name = question.name
    let ttl = ms(dnsLimits.longestTtlMs)
    let secure = true
    for (let followed = 0; followed <= dnsLimits.aliases; followed++) {
      // Such a name cannot exist, so nobody needs to be asked.
      if (!isAskable(name)) return { kind: 'no-such-domain', ttl, secure: false }
      const asked = { name, type: question.type }
      const upshot = await this.#upstream.ask(asked)
      if (upshot.kind === 'failed') return upshot
      const reading = readAnswer(upshot.response, asked, upshot.isTrusted)
      if (reading.kind === 'answer') return along(reading.answer, ttl, secure)
      name = reading.target
      ttl = ms(Math.min(ttl, reading.ttl))
      secure &&= upshot.isTrusted && upshot.response.isAuthentic
    }
    return { kind: 'failed', text: 'too many CNAMEs' }
  }
}

/** The answer at the end of a chain holds no longer, and is no safer, than the chain. */
function along(answer: Answer<DnsRecord>, ttl: number, secure: boolean): Answer<DnsRecord> {
  if (answer.kind === 'failed') return answer
  return { ...answer, ttl: ms(Math.min(answer.ttl, ttl)), secure: answer.secure && secure }
}

function withTtl(answer: Answer<DnsRecord>, left: number): Answer<DnsRecord> {
  return answer.kind === 'failed' ? answer : { ...answer, ttl: ms(left) }
}

function mapped<T>(answer: Answer<DnsRecord>, read: (record: DnsRecord) => T | null): Answer<T> {
  if (answer.kind !== 'found') return answer
  const records: T[] = []
  for (const record of answer.records) {
    const value = read(record)
    if (value !== null) records.push(value)
  }
  // Copied, for it is kept: an array that grew has room for more.
  return { ...answer, records: [...records] }
}

function nameIn(record: DnsRecord): string | null {
  return record.type === 'CNAME' || record.type === 'PTR' ? lowerCase(record.data) : null
}

/** Octets as they are; what is not ASCII is shown as Latin-1, so that nothing is lost. */
function joined(data: string | Buffer | (string | Buffer)[]): string {
  const strings = Array.isArray(data) ? data : [data]
  return strings.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))).join('')
}
