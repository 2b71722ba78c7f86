// SPDX-License-Identifier: Apache-2.0
/** The name under which the DNS keeps what belongs to an address: RFC 1035 §3.5, RFC 3596 §2.5. */
import { isIPv4, isIPv6 } from 'node:net'

const IPV6_GROUPS = 8

/** `null` where the text is no address. */
export function reverseName(address: string): string | null {
  if (isIPv4(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa`
  if (!isIPv6(address) || address.includes('%')) return null
  const nibbles = groupsOf(address).flatMap((group) => [...group.padStart(4, '0')])
  return `${nibbles.reverse().join('.')}.ip6.arpa`
}

/** The eight groups of a valid IPv6 address, in hexadecimal. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = dottedAsGroups(address.toLowerCase()).split('::')
  const before = head === '' ? [] : head.split(':')
  if (tail === undefined) return before
  const after = tail === '' ? [] : tail.split(':')
  const zeros = new Array<string>(IPV6_GROUPS - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after]
}

/** `::ffff:192.0.2.1` as `::ffff:c000:201`. */
function dottedAsGroups(address: string): string {
  const last = address.slice(address.lastIndexOf(':') + 1)
  if (!last.includes('.')) return address
  const octets = last.split('.').map(Number)
  const group = (at: number): string =>
    (((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16)
  return `${address.slice(0, -last.length)}${group(0)}:${group(2)}`
}
