// SPDX-License-Identifier: Apache-2.0
/** Addresses as SPF compares and spells them (RFC 7208 §5, §7.3). */
import { canonicalAddress, isIpv4, isIpv6 } from '../ip-address.ts'

export interface ClientAddress {
  readonly family: 4 | 6
  /** 4 or 16. */
  readonly octets: readonly number[]
}

/** `null` where the text is no address. */
export function parseAddress(text: string): ClientAddress | null {
  if (!isIpv4(text) && !isIpv6(text)) return null
  const canonical = canonicalAddress(text)
  if (isIpv4(canonical)) return { family: 4, octets: canonical.split('.').map(Number) }
  const [left = '', right] = canonical.split('::')
  const head = groupsOf(left)
  const tail = groupsOf(right ?? '')
  const middle = new Array<number>(8 - head.length - tail.length).fill(0)
  const groups = right === undefined ? head : [...head, ...middle, ...tail]
  return { family: 6, octets: groups.flatMap((group) => [group >> 8, group & 0xff]) }
}

/** Whether the first `bits` are the same. */
export function sharePrefix(one: ClientAddress, other: ClientAddress, bits: number): boolean {
  if (one.family !== other.family) return false
  return one.octets.every((octet, at) => {
    const left = Math.min(8, Math.max(0, bits - at * 8))
    const mask = (0xff << (8 - left)) & 0xff
    return (octet & mask) === ((other.octets[at] ?? 0) & mask)
  })
}

/** `192.0.2.1`, or nibbles with dots. */
export function dotted({ family, octets }: ClientAddress): string {
  if (family === 4) return octets.join('.')
  return octets
    .flatMap((octet) => [octet >> 4, octet & 0xf])
    .map((nibble) => nibble.toString(16).toUpperCase())
    .join('.')
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
