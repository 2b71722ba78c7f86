// SPDX-License-Identifier: Apache-2.0
/**
 * Names and their records, and what an authority answers from them (RFC 1034 §4.3.2): CNAMEs are followed, a name that is
 * not there is NXDOMAIN, one without the type is NODATA, both with an SOA (RFC 2308).
 *
 * Known limits: no wildcards, no delegation; every name below the root is ours.
 */
import { dnsLimits } from '../base/limits/limits.ts'
import { lowerCase } from './answer.ts'
import { type DnsRecord, Rcode } from './message.ts'

export interface ZoneAnswer {
  readonly rcode: number
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
}

/** Seconds, where a record says none. */
export const DEFAULT_TTL_SECONDS = 300
/** How long absence holds where no SOA record says otherwise, seconds. */
const DEFAULT_MINIMUM_SECONDS = 60
/** Octets of one character string, RFC 1035 §3.3. */
const STRING_OCTETS = 255

export class Zone {
  /** By name, lower case. */
  readonly #records = new Map<string, DnsRecord[]>()
  /** Names that exist since they, or something below them, have records (RFC 8020). */
  readonly #names = new Set<string>([''])

  constructor(records: readonly DnsRecord[]) {
    for (const record of records) this.add(record)
  }

  add(record: DnsRecord): void {
    const name = lowerCase(record.name)
    const present = this.#records.get(name)
    if (present) present.push(encodable(record, name))
    else this.#records.set(name, [encodable(record, name)])
    for (let part = name; part !== ''; part = parentOf(part)) this.#names.add(part)
  }

  /** Takes away all records of a name; the name itself may go on to exist for what is below it. */
  remove(name: string): void {
    const folded = lowerCase(name)
    this.#records.delete(folded)
    if (![...this.#records.keys()].some((other) => other.endsWith(`.${folded}`)))
      this.#names.delete(folded)
  }

  answer(question: { readonly name: string; readonly type: string }): ZoneAnswer {
    const answers: DnsRecord[] = []
    let name = lowerCase(question.name)
    for (let followed = 0; followed <= dnsLimits.aliases; followed++) {
      const records = this.#records.get(name) ?? []
      const wanted = records.filter((record) => record.type === question.type)
      answers.push(...wanted)
      const alias = records.find((record) => record.type === 'CNAME')
      if (wanted.length > 0 || alias?.type !== 'CNAME') break
      answers.push(alias)
      name = lowerCase(alias.data)
    }
    if (answers.some((record) => record.type === question.type))
      return { rcode: Rcode.noError, answers, authorities: [] }
    const rcode = this.#names.has(name) ? Rcode.noError : Rcode.noSuchDomain
    return { rcode, answers, authorities: [this.soaFor(name)] }
  }

  /** The nearest SOA at or above the name, else one that is made up for the root. */
  soaFor(name: string): DnsRecord {
    for (let part = lowerCase(name); part !== ''; part = parentOf(part)) {
      const soa = this.#records.get(part)?.find((record) => record.type === 'SOA')
      if (soa) return soa
    }
    return {
      type: 'SOA',
      name: '.',
      ttl: DEFAULT_TTL_SECONDS,
      data: { mname: 'ns.invalid', rname: 'hostmaster.invalid', minimum: DEFAULT_MINIMUM_SECONDS },
    }
  }
}

function parentOf(name: string): string {
  const dot = name.indexOf('.')
  return dot === -1 ? '' : name.slice(dot + 1)
}

/** With a TTL, a folded name, and text in pieces that fit. */
function encodable(record: DnsRecord, name: string): DnsRecord {
  if (record.type === 'OPT') return record
  const ttl = record.ttl ?? DEFAULT_TTL_SECONDS
  if (record.type !== 'TXT') return { ...record, name, ttl }
  const strings = Array.isArray(record.data) ? record.data : [record.data]
  return { ...record, name, ttl, data: strings.flatMap(inPieces) }
}

function inPieces(text: string | Buffer): Buffer[] {
  const octets = Buffer.from(text)
  const pieces: Buffer[] = []
  for (let at = 0; at === 0 || at < octets.length; at += STRING_OCTETS)
    pieces.push(octets.subarray(at, at + STRING_OCTETS))
  return pieces
}
