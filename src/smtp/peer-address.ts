// SPDX-License-Identifier: Apache-2.0
/** Addresses of clients: as they are written, and as they are counted. */
import { isIPv6 } from 'node:net'

/** What counts as one client: an IPv4 address, or the /64 of an IPv6 address, since a host has all of that. */
export type PeerNetwork = string

const MAPPED_IPV4 = '::ffff:'

/** An IPv4 address that came by an IPv6 socket is written as IPv4; a zone is left out. */
export function peerAddress(address: string): string {
  if (address.startsWith(MAPPED_IPV4) && address.includes('.'))
    return address.slice(MAPPED_IPV4.length)
  const zone = address.indexOf('%')
  return zone < 0 ? address : address.slice(0, zone)
}

export function peerNetwork(address: string): PeerNetwork {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length
    for (let missing = 8 - groups.length - after; missing > 0; missing--) groups.push('0')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}
