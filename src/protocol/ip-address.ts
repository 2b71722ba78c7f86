// SPDX-License-Identifier: Apache-2.0
/** IP addresses as text: dotted decimal without leading zeros, and RFC 4291 §2.2. No zones. */

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`)
const GROUP = /^[0-9A-Fa-f]{1,4}$/
const GROUPS = 8

export function isIpv4(text: string): boolean {
  return IPV4.test(text)
}

export function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  // An IPv4 address at the end takes the room of two groups.
  const hasIpv4 = last.includes('.') && !text.endsWith('::')
  if (hasIpv4) groups.splice(-1, 1, ...(isIpv4(last) ? ['0', '0'] : ['']))
  if (!groups.every((group) => GROUP.test(group))) return false
  return halves.length === 2 ? groups.length < GROUPS : groups.length === GROUPS
}

/** One spelling for each address (RFC 5952), so that a client is counted under one name; an IPv4 address in IPv6 as IPv4. */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text)
  if (mapped === null) return text
  const halves = mapped.slice(1).map((half) => Number.parseInt(half, 16))
  return halves.flatMap((half) => [half >> 8, half & 0xff]).join('.')
}
