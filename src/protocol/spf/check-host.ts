// SPDX-License-Identifier: Apache-2.0
/**
 * Whether a host may send for a domain: `check_host()` of RFC 7208 §4, as a function over a resolver. Bounded as §4.6.4 says: ten
 * mechanisms that ask the DNS, ten names each of MX and PTR, two look-ups that find nothing; over it a permanent error.
 */
import { canonicalAddress } from '../ip-address.ts'
import { type ClientAddress, parseAddress, sharePrefix } from './client-address.ts'
import { expandMacros, expandName, type MacroFacts } from './macros.ts'
import {
  isMacroString,
  isSpf,
  lookUpMechanisms,
  type Mechanism,
  parseSpf,
  type Qualifier,
  type SpfRecord,
} from './spf-record.ts'

export type SpfResult = 'none' | Qualifier | 'temperror' | 'permerror'

export interface SpfVerdict {
  readonly result: SpfResult
  /** What the domain says about a `fail` (§6.2); `null`: nothing. */
  readonly explanation: string | null
  /** Mechanisms that asked the DNS, of ten. */
  readonly lookUps: number
}

/** What is asked of the DNS; other fields of the answers are of no interest. */
export type SpfAnswer<T> =
  | { readonly kind: 'found'; readonly records: readonly T[] }
  | { readonly kind: 'none' | 'no-such-domain' | 'failed' }

export interface SpfResolver {
  txt(name: string): Promise<SpfAnswer<string>>
  addresses(name: string, family: 4 | 6): Promise<SpfAnswer<{ readonly address: string }>>
  mx(name: string): Promise<SpfAnswer<{ readonly preference: number; readonly exchange: string }>>
  ptr(address: string): Promise<SpfAnswer<string>>
}

export interface SpfQuery {
  readonly address: string
  /** Of MAIL FROM, without brackets; empty for the null reverse-path (§2.4). */
  readonly sender: string
  readonly helo: string
  /** Of the host that checks. */
  readonly receiver: string
  readonly now: number
}

const MOST_LOOK_UPS = 10
const MOST_VOID_LOOK_UPS = 2
const MOST_NAMES = 10

/** Ends the check. */
class Ended extends Error {
  readonly result: 'temperror' | 'permerror'

  constructor(result: 'temperror' | 'permerror') {
    super(result)
    this.result = result
  }
}

export async function checkHost(resolver: SpfResolver, query: SpfQuery): Promise<SpfVerdict> {
  const address = parseAddress(query.address)
  const sender = query.sender === '' ? `postmaster@${query.helo}` : withLocalPart(query.sender)
  const domain = sender.slice(sender.lastIndexOf('@') + 1)
  if (address === null) return { result: 'none', explanation: null, lookUps: 0 }
  const check = new Check(resolver, { ...query, sender }, address)
  try {
    const { result, explanation } = await check.domain(domain, true)
    return { result, explanation, lookUps: check.lookUps }
  } catch (thrown) {
    if (!(thrown instanceof Ended)) throw thrown
    return { result: thrown.result, explanation: null, lookUps: check.lookUps }
  }
}

interface DomainResult {
  readonly result: 'none' | Qualifier
  readonly explanation: string | null
}

class Check {
  lookUps = 0
  #voids = 0
  readonly #resolver: SpfResolver
  readonly #query: SpfQuery
  readonly #address: ClientAddress

  constructor(resolver: SpfResolver, query: SpfQuery, address: ClientAddress) {
    this.#resolver = resolver
    this.#query = query
    this.#address = address
  }

  /** Throws `Ended`. `mayExplain`: not within an `include` (§6.2). */
  async domain(domain: string, mayExplain: boolean): Promise<DomainResult> {
    const record = isDomain(domain) ? await this.#record(domain) : null
    if (record === null) return { result: 'none', explanation: null }
    for (const mechanism of record.mechanisms) {
      if (!(await this.#matches(mechanism, domain))) continue
      const { qualifier } = mechanism
      const isExplained = mayExplain && qualifier === 'fail' && record.explanation !== null
      const explanation = isExplained ? await this.#explanation(record.explanation, domain) : null
      return { result: qualifier, explanation }
    }
    if (record.redirect === null) return { result: 'neutral', explanation: null }
    this.#count()
    const target = await this.#expand(record.redirect, domain)
    const redirected = await this.domain(target, mayExplain)
    if (redirected.result === 'none') throw new Ended('permerror')
    return redirected
  }

  async #record(domain: string): Promise<SpfRecord | null> {
    const answer = await this.#resolver.txt(domain)
    if (answer.kind === 'failed') throw new Ended('temperror')
    const [text, ...more] = answer.kind === 'found' ? answer.records.filter(isSpf) : []
    if (text === undefined) return null
    const record = more.length > 0 ? null : parseSpf(text)
    if (record === null) throw new Ended('permerror')
    return record
  }

  async #matches(mechanism: Mechanism, domain: string): Promise<boolean> {
    const { name, value, prefix4, prefix6 } = mechanism
    if (lookUpMechanisms.has(name)) this.#count()
    const bits = this.#address.family === 4 ? prefix4 : prefix6
    switch (name) {
      case 'all':
        return true
      case 'ip4':
      case 'ip6':
        return this.#isIn(value ?? '', name === 'ip4' ? 4 : 6, bits)
      case 'include':
        return this.#includes(await this.#expand(value ?? '', domain))
      case 'a':
        return this.#hasAddress(await this.#target(value, domain), bits)
      case 'mx':
        return this.#isMx(await this.#target(value, domain), bits)
      case 'ptr':
        return this.#hasName(await this.#target(value, domain))
      case 'exists':
        return (
          (await this.#found(this.#resolver.addresses(await this.#expand(value ?? '', domain), 4)))
            .length > 0
        )
    }
  }

  #isIn(network: string, family: 4 | 6, bits: number): boolean {
    const parsed = parseAddress(network)
    if (parsed === null || parsed.family !== family) throw new Ended('permerror')
    return sharePrefix(this.#address, parsed, bits)
  }

  /** §5.2. */
  async #includes(target: string): Promise<boolean> {
    const { result } = await this.domain(target, false)
    if (result === 'none') throw new Ended('permerror')
    return result === 'pass'
  }

  async #hasAddress(name: string, bits: number): Promise<boolean> {
    const found = await this.#found(this.#resolver.addresses(name, this.#address.family))
    return found.some(({ address }) => {
      const parsed = parseAddress(address)
      return parsed !== null && sharePrefix(this.#address, parsed, bits)
    })
  }

  async #isMx(name: string, bits: number): Promise<boolean> {
    const hosts = await this.#found(this.#resolver.mx(name))
    if (hosts.length > MOST_NAMES) throw new Ended('permerror')
    for (const { exchange } of hosts)
      if (exchange !== '' && (await this.#hasAddress(exchange, bits))) return true
    return false
  }

  async #hasName(domain: string): Promise<boolean> {
    const wanted = domain.toLowerCase()
    const names = await this.#names()
    return names.some((name) => name === wanted || name.endsWith(`.${wanted}`))
  }

  /** Names of the client that lead back to its address (§5.5); a failure is as if there were none. */
  async #names(): Promise<readonly string[]> {
    const answer = await this.#resolver.ptr(this.#query.address)
    const names = answer.kind === 'found' ? answer.records.slice(0, MOST_NAMES) : []
    const validated: string[] = []
    for (const name of names) {
      const back = await this.#resolver.addresses(name, this.#address.family)
      const addresses = back.kind === 'found' ? back.records : []
      const isTheirs = addresses.some(({ address }) => {
        const parsed = parseAddress(address)
        return parsed !== null && sharePrefix(this.#address, parsed, 128)
      })
      if (isTheirs) validated.push(name.toLowerCase().replace(/\.$/, ''))
    }
    return validated
  }

  async #target(value: string | null, domain: string): Promise<string> {
    return value === null ? domain : this.#expand(value, domain)
  }

  async #expand(text: string, domain: string): Promise<string> {
    return expandName(text, await this.#facts(text, domain))
  }

  /** What cannot be had, or is no macro string, explains nothing (§6.2). */
  async #explanation(value: string | null, domain: string): Promise<string | null> {
    const answer = await this.#resolver.txt(await this.#expand(value ?? '', domain))
    const [text, ...more] = answer.kind === 'found' ? answer.records : []
    if (text === undefined || more.length > 0) return null
    if (!isMacroString(text.replaceAll(' ', ''))) return null
    return expandMacros(text, await this.#facts(text, domain))
  }

  async #facts(text: string, domain: string): Promise<MacroFacts> {
    const { sender, helo, address, receiver, now } = this.#query
    const validated = /%\{p/i.test(text) ? await this.#validatedName(domain) : ''
    return {
      sender,
      helo,
      address: this.#address,
      client: canonicalAddress(address),
      domain,
      validated,
      receiver,
      now,
    }
  }

  /** §7.3: rather the domain itself, then one below it. */
  async #validatedName(domain: string): Promise<string> {
    const names = await this.#names()
    const wanted = domain.toLowerCase()
    return (
      names.find((name) => name === wanted) ??
      names.find((name) => name.endsWith(`.${wanted}`)) ??
      names[0] ??
      'unknown'
    )
  }

  #count(): void {
    if (++this.lookUps > MOST_LOOK_UPS) throw new Ended('permerror')
  }

  async #found<T>(asked: Promise<SpfAnswer<T>>): Promise<readonly T[]> {
    const answer = await asked
    if (answer.kind === 'failed') throw new Ended('temperror')
    if (answer.kind === 'found') return answer.records
    if (++this.#voids > MOST_VOID_LOOK_UPS) throw new Ended('permerror')
    return []
  }
}

/** §4.3: labels of 1 to 63 octets, at least two. */
function isDomain(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.')
  return (
    labels.length > 1 &&
    text.length <= 254 &&
    labels.every(({ length }) => length > 0 && length <= 63)
  )
}

function withLocalPart(sender: string): string {
  const at = sender.lastIndexOf('@')
  return at > 0 ? sender : `postmaster@${sender.slice(at + 1)}`
}
