// SPDX-License-Identifier: Apache-2.0
/**
 * DNS messages on the wire: one question out, one response in (RFC 1035 §4, EDNS(0) of RFC 6891).
 * Whatever a peer sends, nothing here throws.
 *
 * Known limits: dns-packet reads the records; one that it cannot read makes the whole response unreadable.
 */
import {
  AUTHENTIC_DATA,
  type DecodedPacket,
  type Answer as DnsRecord,
  decode,
  encode,
  RECURSION_DESIRED,
} from 'dns-packet'
import { type DurationMs, seconds } from '../base/brand.ts'
import { dnsLimits } from '../base/limits/limits.ts'

export type { DnsRecord }

export interface Question {
  /** Lower case, without the final dot. */
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'PTR' | 'TXT'
}

export interface Response {
  /** With the upper octet of EDNS (RFC 6891 §6.1.3). */
  readonly rcode: number
  /** TC: the rest did not fit; `records` are then empty. */
  readonly isTruncated: boolean
  /** AD: the resolver says that it verified the answer (RFC 4035 §3.2.3). */
  readonly isAuthentic: boolean
  /** Whether the peer recurses, or is the authority itself. Another one's empty answer means nothing. */
  readonly isConclusive: boolean
  readonly records: readonly DnsRecord[]
  /** How long "there is none" holds (RFC 2308 §5), or `null` where the answer carries no SOA. */
  readonly negativeTtl: DurationMs | null
}

/** Response codes, RFC 1035 §4.1.1. */
export const Rcode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  noSuchDomain: 3,
  notImplemented: 4,
  refused: 5,
} as const

const HEADER_OCTETS = 12
const RESPONSE_BIT = 0x8000
const OPCODE_BITS = 0x7800
const TRUNCATED_BIT = 0x0200
const LABEL_OCTETS = 63
const NAME_OCTETS = 253

/** Asks for recursion and, by AD in the query, for the AD bit in the answer (RFC 6840 §5.7). */
export function encodeQuery(id: number, question: Question, withEdns: boolean): Buffer {
  const flags = RECURSION_DESIRED | AUTHENTIC_DATA
  const additionals: DnsRecord[] = withEdns ? [ednsRecord(0)] : []
  return encode({ type: 'query', id, flags, questions: [{ ...question }], additionals })
}

/** The OPT record: how long a UDP answer may be, RFC 6891 §6.1.2. */
export function ednsRecord(extendedRcode: number): DnsRecord {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: dnsLimits.udpOctets,
    extendedRcode,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
}

/** Whether `octets` answer this very query: its id, and its question repeated octet by octet. */
export function isAnswerTo(query: Buffer, octets: Buffer): boolean {
  if (octets.length < HEADER_OCTETS || octets.readUInt16BE(0) !== query.readUInt16BE(0))
    return false
  const flags = octets.readUInt16BE(2)
  if ((flags & RESPONSE_BIT) === 0 || (flags & OPCODE_BITS) !== 0) return false
  const questions = octets.readUInt16BE(4)
  // A server that does not understand EDNS may send its complaint without the question (RFC 6891 §7).
  if (questions === 0) return (flags & 0x0f) === Rcode.formatError
  const end = questionEnd(query)
  return (
    questions === 1 &&
    octets.length >= end &&
    octets.compare(query, HEADER_OCTETS, end, HEADER_OCTETS, end) === 0
  )
}

/** `null` where the octets are no DNS message. Call `isAnswerTo` first. */
export function decodeResponse(octets: Buffer): Response | null {
  if (octets.length < HEADER_OCTETS) return null
  if ((octets.readUInt16BE(2) & TRUNCATED_BIT) !== 0) return truncated
  const count = octets.readUInt16BE(6) + octets.readUInt16BE(8) + octets.readUInt16BE(10)
  if (count > dnsLimits.recordsPerAnswer) return null
  try {
    return readPacket(decode(octets))
  } catch {
    // dns-packet throws on names, lengths and records that run out of the message or in circles.
    return null
  }
}

/** Whether the DNS can hold the name at all: labels of 1–63 octets, 253 together (RFC 1035 §2.3.4). */
export function isAskable(name: string): boolean {
  if (name.length === 0 || Buffer.byteLength(name) > NAME_OCTETS) return false
  return name.split('.').every((label) => {
    const octets = Buffer.byteLength(label)
    return octets > 0 && octets <= LABEL_OCTETS
  })
}

const truncated: Response = {
  rcode: Rcode.noError,
  isTruncated: true,
  isAuthentic: false,
  isConclusive: false,
  records: [],
  negativeTtl: null,
}

function readPacket(packet: DecodedPacket): Response {
  const opt = (packet.additionals ?? []).find((record) => record.type === 'OPT')
  const upperRcode = opt?.type === 'OPT' ? opt.extendedRcode << 4 : 0
  return {
    rcode: upperRcode | ((packet.flags ?? 0) & 0x0f),
    isTruncated: false,
    isAuthentic: packet.flag_ad,
    isConclusive: packet.flag_ra || packet.flag_aa,
    records: ofInternet(packet.answers),
    negativeTtl: negativeTtlOf(ofInternet(packet.authorities)),
  }
}

/** Of class IN (RFC 1035 §3.2.4): that is what was asked for, and another class gives the octets another meaning. */
function ofInternet(records: readonly DnsRecord[] | undefined): readonly DnsRecord[] {
  return (records ?? []).filter((record) => 'class' in record && record.class === 'IN')
}

/** RFC 2308 §5: the lesser of the SOA's own TTL and its last field. */
function negativeTtlOf(authorities: readonly DnsRecord[]): DurationMs | null {
  for (const record of authorities)
    if (record.type === 'SOA')
      return seconds(Math.min(record.ttl ?? 0, record.data.minimum ?? record.ttl ?? 0))
  return null
}

/** Our own query: one question, not compressed. */
function questionEnd(query: Buffer): number {
  let at = HEADER_OCTETS
  for (let length = query[at] ?? 0; length !== 0; length = query[at] ?? 0) at += length + 1
  return at + 5
}
