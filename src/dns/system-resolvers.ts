// SPDX-License-Identifier: Apache-2.0
/** The resolvers that the machine is set up with: resolv.conf(5). */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { NameServer } from './exchange.ts'

export const DNS_PORT = 53
/** MAXNS of resolv.conf(5). */
const MOST_SERVERS = 3

/** Reads `file`; where it is missing or names none, the machine itself, as the C library does. */
export async function systemResolvers(file = '/etc/resolv.conf'): Promise<readonly NameServer[]> {
  // Missing or unreadable is the same as empty here.
  return parseResolvConf(await readFile(file, 'utf8').catch(() => ''))
}

/** `options trust-ad` says that the AD bit of all servers counts; of loopback it always does. */
export function parseResolvConf(text: string): readonly NameServer[] {
  const addresses: string[] = []
  let trustsAll = false
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/)
    if (keyword === 'nameserver' && values[0] !== undefined && isIP(values[0]) !== 0)
      addresses.push(values[0])
    if (keyword === 'options' && values.includes('trust-ad')) trustsAll = true
  }
  const used = addresses.length === 0 ? ['127.0.0.1'] : addresses.slice(0, MOST_SERVERS)
  return used.map((address) => nameServer(address, DNS_PORT, trustsAll))
}

/** A server that is believed where it is on this machine, or where `isTrusted` says so. */
export function nameServer(address: string, port = DNS_PORT, isTrusted = false): NameServer {
  return { address, port, isTrusted: isTrusted || isLoopback(address) }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
