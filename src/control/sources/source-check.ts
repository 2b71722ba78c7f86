// SPDX-License-Identifier: Apache-2.0
/** What receivers would find of a source: whether its address has a name, that leads back, and whether lists have it. */
import { isIPv6 } from 'node:net'
import type { AddressRecord, Answer, Resolver } from '../../dns/resolver.ts'
import { canonicalAddress } from '../../protocol/ip-address.ts'
import { specialRangeOf } from '../../protocol/public-address.ts'
import type { Finding, ListFinding, SourceFindings } from '../../records/source-checkup.ts'
import { type Blocklist, lookUpAddress, type Standing, standingOf } from './blocklist.ts'
import type { ConfiguredSource } from './source-service.ts'

/** RFC 1035 allows any number of names; those beyond are not looked up (RFC 7208 §4.6.4 has the same bound). */
const MOST_NAMES = 10
const OK: Finding = { state: 'ok', why: null }

export interface CheckContext {
  /** Without a memory: what holds now. */
  readonly resolver: Pick<Resolver, 'addresses' | 'ptr' | 'txt'>
  readonly lists: readonly Blocklist[]
  /** Whether a socket can be bound to it. */
  readonly tryAddress: (address: string) => Promise<Finding>
}

/** One round over several sources: what lists say of themselves is asked once. */
export class SourceCheck {
  readonly #context: CheckContext
  readonly #standings = new Map<string, Promise<Standing>>()

  constructor(context: CheckContext) {
    this.#context = context
  }

  async findingsOf(source: ConfiguredSource): Promise<SourceFindings> {
    const own = await this.#ownAddress(source)
    const publicly = publicAddress(source)
    if (typeof publicly !== 'string')
      return { address: own, reverse: publicly, ehlo: publicly, lists: [] }
    const [reverse, ehlo, lists] = await Promise.all([
      this.#reverse(publicly),
      this.#ehlo(source.ehlo, publicly),
      Promise.all(this.#context.lists.map((list) => this.#listed(list, publicly))),
    ])
    return { address: own, reverse, ehlo, lists }
  }

  async #ownAddress({ localAddress }: ConfiguredSource): Promise<Finding> {
    if (localAddress === null) return { state: 'skipped', why: 'the system chooses it' }
    return await this.#context.tryAddress(localAddress)
  }

  /** Receivers want a name for the address, and that the name has the address (RFC 8601 §2.7.3 "iprev"). */
  async #reverse(address: string): Promise<Finding> {
    const names = await this.#context.resolver.ptr(address)
    if (names.kind === 'failed')
      return { state: 'unknown', why: `the name of ${address} could not be asked: ${names.text}` }
    if (names.kind !== 'found')
      return { state: 'wrong', why: `${address} has no name in the reverse DNS (PTR)` }
    const asked = names.records.slice(0, MOST_NAMES)
    const answers = await Promise.all(asked.map((name) => this.#addressesOf(name, address)))
    if (answers.some((answer) => leadsTo(answer, address))) return OK
    const failed = answers.find((answer) => answer.kind === 'failed')
    const list = asked.join(', ').slice(0, 300)
    if (failed?.kind === 'failed')
      return { state: 'unknown', why: `${list}, the name of ${address}, gets no answer` }
    return { state: 'wrong', why: `${list}, the name of ${address}, does not lead back to it` }
  }

  async #ehlo(name: string, address: string): Promise<Finding> {
    const answer = await this.#addressesOf(name, address)
    if (leadsTo(answer, address)) return OK
    if (answer.kind === 'failed')
      return { state: 'unknown', why: `the EHLO name ${name} gets no answer: ${answer.text}` }
    const type = isIPv6(address) ? 'AAAA' : 'A'
    if (answer.kind !== 'found')
      return { state: 'wrong', why: `the EHLO name ${name} has no ${type} record` }
    const others = answer.records.map((record) => record.address).join(', ')
    return {
      state: 'wrong',
      why: `the EHLO name ${name} leads to ${others.slice(0, 300)} and not to ${address}`,
    }
  }

  #addressesOf(name: string, like: string): Promise<Answer<AddressRecord>> {
    return this.#context.resolver.addresses(name, isIPv6(like) ? 6 : 4)
  }

  async #listed(list: Blocklist, address: string): Promise<ListFinding> {
    const family = isIPv6(address) ? 6 : 4
    const key = `${family} ${list.zone}`
    let standing = this.#standings.get(key)
    if (standing === undefined) {
      standing = standingOf(this.#context.resolver, list, family)
      this.#standings.set(key, standing)
    }
    const trouble = await standing
    if (trouble !== null) return { list: list.name, ...trouble }
    return lookUpAddress(this.#context.resolver, list, address)
  }
}

/** What receivers see it with, or why nobody can be asked about that. An address that the operator says to be public is one. */
function publicAddress({ address, localAddress }: ConfiguredSource): string | Finding {
  if (address === null) return { state: 'skipped', why: 'the system chooses its address' }
  if (address !== localAddress) return canonicalAddress(address)
  const special = specialRangeOf(address)
  if (special === null) return canonicalAddress(address)
  const why = `${address} is ${special.purpose}: say public_address, if receivers see another`
  return { state: 'skipped', why }
}

function leadsTo(answer: Answer<AddressRecord>, address: string): boolean {
  return (
    answer.kind === 'found' &&
    answer.records.some((record) => canonicalAddress(record.address) === address)
  )
}
