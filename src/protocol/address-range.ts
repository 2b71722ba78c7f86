// SPDX-License-Identifier: Apache-2.0
/** Ranges of addresses: `192.0.2.0/24` (RFC 4632 §3.1), `2001:db8::/48` (RFC 4291 §2.3); an address alone is a range of one. */
import { canonicalAddress } from './ip-address.ts'
import { type ClientAddress, parseAddress } from './spf/client-address.ts'

export interface AddressRange {
  /** In one spelling: its first address and its prefix. */
  readonly text: string
  readonly first: ClientAddress
  /** Bits that all its addresses share; at least one. */
  readonly prefix: number
}

/** `null` where the text is no range. Bits beyond the prefix are cleared. */
export function parseRange(text: string): AddressRange | null {
  const [start = '', bits, ...rest] = text.split('/')
  const address = parseAddress(start)
  if (address === null || rest.length > 0) return null
  const longest = address.octets.length * 8
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : 0
  if (prefix === 0 || prefix > longest) return null
  const first = { family: address.family, octets: firstOctets(address, prefix) }
  return { text: `${textOf(first)}/${prefix}`, first, prefix }
}

/** Of the range of that size that the address is in. */
export function firstOctets({ octets }: ClientAddress, prefix: number): readonly number[] {
  return octets.map((octet, at) => {
    const kept = Math.min(8, Math.max(0, prefix - at * 8))
    return octet & (0xff << (8 - kept))
  })
}

function textOf({ family, octets }: ClientAddress): string {
  if (family === 4) return octets.join('.')
  const groups = octets.flatMap((octet, at) =>
    at % 2 === 0 ? [((octet << 8) | (octets[at + 1] ?? 0)).toString(16)] : [],
  )
  return canonicalAddress(groups.join(':'))
}
