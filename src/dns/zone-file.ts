// SPDX-License-Identifier: Apache-2.0
/**
 * Records as people write them, a subset of RFC 1035 §5: one record a line, `name [TTL] [IN] TYPE data`, `;` begins a comment.
 * Types: A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT.
 *
 * Known limits: all names are absolute, with or without the final dot; no `@`, `$ORIGIN` or lines in parentheses.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { lowerCase } from './answer.ts'
import type { DnsRecord } from './message.ts'
import { DEFAULT_TTL_SECONDS } from './zone.ts'

/** Throws `SyntaxError` that names the line. */
export function parseZoneFile(text: string): DnsRecord[] {
  const records: DnsRecord[] = []
  text.split('\n').forEach((line, at) => {
    const words = wordsOf(line)
    if (words.length === 0) return
    const record = readRecord(words)
    if (record === null)
      throw new SyntaxError(`zone line ${at + 1}: expected "name [TTL] [IN] TYPE data": ${line}`)
    records.push(record)
  })
  return records
}

/** Quoted strings are one word, without their quotes. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [word, quoted] of line.matchAll(/"((?:[^"\\]|\\.)*)"|;.*|[^\s;"]+/g)) {
    if (word.startsWith(';')) break
    words.push(quoted === undefined ? word : quoted.replaceAll(/\\(.)/g, '$1'))
  }
  return words
}

function readRecord(words: readonly string[]): DnsRecord | null {
  const [owner = '', ...rest] = words
  const ttl = /^\d+$/.test(rest[0] ?? '') ? Number(rest.shift()) : DEFAULT_TTL_SECONDS
  if (rest[0]?.toUpperCase() === 'IN') rest.shift()
  const type = rest.shift()?.toUpperCase()
  const [first, ...others] = rest
  if (first === undefined) return null
  const head = { name: lowerCase(owner), ttl }
  switch (type) {
    case 'A':
      return isIPv4(first) ? { ...head, type, data: first } : null
    case 'AAAA':
      return isIPv6(first) ? { ...head, type, data: first } : null
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...head, type, data: nameOf(first) }
    case 'TXT':
      return { ...head, type, data: rest }
    case 'MX':
      return readMx(head, Number(first), others[0])
    case 'SRV':
      return readSrv(head, rest)
    case 'SOA':
      return readSoa(head, rest)
    default:
      return null
  }
}

interface Head {
  readonly name: string
  readonly ttl: number
}

function readMx(head: Head, preference: number, exchange: string | undefined): DnsRecord | null {
  if (!Number.isInteger(preference) || exchange === undefined) return null
  return { ...head, type: 'MX', data: { preference, exchange: nameOf(exchange) } }
}

function readSrv(head: Head, rest: readonly string[]): DnsRecord | null {
  const [priority = Number.NaN, weight = Number.NaN, port = Number.NaN] = rest.map(Number)
  const target = rest[3]
  if (![priority, weight, port].every(Number.isInteger) || target === undefined) return null
  return { ...head, type: 'SRV', data: { priority, weight, port, target: nameOf(target) } }
}

function readSoa(head: Head, rest: readonly string[]): DnsRecord | null {
  const [mname, rname, ...numbers] = rest
  const [serial, refresh, retry, expire, minimum] = numbers.map(Number)
  if (mname === undefined || rname === undefined || !Number.isInteger(minimum)) return null
  const times = { serial, refresh, retry, expire, minimum }
  return { ...head, type: 'SOA', data: { mname: nameOf(mname), rname: nameOf(rname), ...times } }
}

/** dns-packet writes the root as a dot. */
function nameOf(text: string): string {
  const name = lowerCase(text)
  return name === '' ? '.' : name
}
