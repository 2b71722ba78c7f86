// SPDX-License-Identifier: Apache-2.0
/**
 * What a load balancer says of a connection before anything else: the PROXY protocol, versions 1 and 2, as HAProxy's
 * `proxy-protocol.txt` has it. Version 2 with its checksum, where one is there.
 *
 * Known limits: of its TLVs only the checksum is used; what a balancer says of its client's TLS is not believed.
 */
import { crc32c } from '../base/crc32c.ts'
import { canonicalAddress, isIpv4, isIpv6 } from './ip-address.ts'

export type ProxyHeader =
  /** More octets are needed. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly why: string }
  /** `octets` long. `client` is `null` where the connection is the balancer's own, or of an unknown kind. */
  | { readonly kind: 'header'; readonly octets: number; readonly client: string | null }

/** Of version 1 with its CRLF; the specification has counted it. */
const LINE_OCTETS = 107
const LINE_START = Buffer.from('PROXY ')
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const FIXED_OCTETS = 16
/** Longest version 2 that is read. */
const LONGEST_OCTETS = 4_096
const CRC32C_TYPE = 0x03
const CRC32C_OCTETS = 4

const incomplete = { kind: 'incomplete' } as const

/** Whether octets begin as a header does, however few they are. */
export function beginsProxyHeader(input: Buffer): boolean {
  return begins(input, SIGNATURE) || begins(input, LINE_START)
}

/** `input` holds all that came on the connection so far. */
export function readProxyHeader(input: Buffer): ProxyHeader {
  if (begins(input, SIGNATURE)) return readBinary(input)
  if (begins(input, LINE_START)) return readLine(input)
  return invalid('it does not begin as a PROXY header')
}

function begins(input: Buffer, start: Buffer): boolean {
  const length = Math.min(input.length, start.length)
  return input.subarray(0, length).equals(start.subarray(0, length))
}

function readLine(input: Buffer): ProxyHeader {
  const end = input.indexOf('\r\n')
  if (end < 0 && input.length < LINE_OCTETS) return incomplete
  if (end < 0 || end + 2 > LINE_OCTETS) return invalid('its line is too long')
  const line = input.toString('latin1', 0, end)
  const octets = end + 2
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { kind: 'header', octets, client: null }
  const [, family, source = '', destination = '', ...ports] = line.split(' ')
  const isAddress = family === 'TCP4' ? isIpv4 : family === 'TCP6' ? isIpv6 : null
  if (isAddress === null) return invalid('its family is neither TCP4, TCP6 nor UNKNOWN')
  if (!isAddress(source) || !isAddress(destination)) return invalid('it has no addresses')
  if (ports.length !== 2 || !ports.every(isPort)) return invalid('it has no ports')
  return { kind: 'header', octets, client: canonicalAddress(source) }
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535
}

function readBinary(input: Buffer): ProxyHeader {
  if (input.length < FIXED_OCTETS) return incomplete
  const version = input.readUInt8(12) >> 4
  const command = input.readUInt8(12) & 0xf
  const octets = FIXED_OCTETS + input.readUInt16BE(14)
  if (version !== 2) return invalid(`its version is ${version}`)
  if (command > 1) return invalid(`its command is ${command}`)
  if (octets > LONGEST_OCTETS) return invalid(`it is ${octets} octets long`)
  if (input.length < octets) return incomplete
  const header = input.subarray(0, octets)
  const family = header.readUInt8(13) >> 4
  const addresses = [0, 12, 36, 216][family]
  if (addresses === undefined || (header.readUInt8(13) & 0xf) > 2)
    return invalid('its family or protocol is unknown')
  // LOCAL: what follows is skipped, whatever it is.
  if (command === 0) return { kind: 'header', octets, client: null }
  const end = FIXED_OCTETS + addresses
  if (end > octets) return invalid('its addresses do not fit')
  // Of UNSPEC all that follows is to be ignored.
  const why = family === 0 ? null : wrongExtension(header, end)
  if (why !== null) return invalid(why)
  return { kind: 'header', octets, client: sourceOf(header, family) }
}

function sourceOf(header: Buffer, family: number): string | null {
  if (family === 1) return header.subarray(16, 20).join('.')
  if (family !== 2) return null
  const groups = Array.from({ length: 8 }, (_, at) => header.readUInt16BE(16 + at * 2))
  return canonicalAddress(groups.map((group) => group.toString(16)).join(':'))
}

/** Walks the TLVs after the addresses; what is wrong with them, or `null`. */
function wrongExtension(header: Buffer, start: number): string | null {
  for (let at = start; at < header.length; ) {
    if (at + 3 > header.length) return 'an extension does not fit'
    const length = header.readUInt16BE(at + 1)
    const value = at + 3
    if (value + length > header.length) return 'an extension does not fit'
    if (header[at] === CRC32C_TYPE && !hasChecksum(header, value, length))
      return 'its checksum is wrong'
    at = value + length
  }
  return null
}

/** Taken over the whole header with zeros in the checksum's place. */
function hasChecksum(header: Buffer, at: number, length: number): boolean {
  if (length !== CRC32C_OCTETS) return false
  const blank = Buffer.from(header).fill(0, at, at + CRC32C_OCTETS)
  return header.readUInt32BE(at) === crc32c(blank)
}

function invalid(why: string): ProxyHeader {
  return { kind: 'invalid', why }
}
