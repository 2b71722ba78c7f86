// SPDX-License-Identifier: Apache-2.0
/**
 * Which IP addresses are of somebody on the Internet, and which have a special purpose: the registries of RFC 6890 as they stood in
 * 2026. Who follows a name that a stranger chose refuses the latter, or the stranger reaches what only we can.
 *
 * Known limits: what is special only in part (2001::/23) is refused as a whole; nobody has servers there.
 */
import { type ClientAddress, parseAddress, sharePrefix } from './spf/client-address.ts'

export interface SpecialRange {
  /** `10.0.0.0/8`. */
  readonly network: string
  /** What it is for, after "is": "a private address". */
  readonly purpose: string
  readonly rfc: string
}

/** The first that covers an address is the one that is named. */
// biome-ignore format: one line a range.
export const specialRanges: readonly SpecialRange[] = [
  { network: '0.0.0.0/8', purpose: 'an address of this host', rfc: 'RFC 1122 §3.2.1.3' },
  { network: '10.0.0.0/8', purpose: 'a private address', rfc: 'RFC 1918' },
  { network: '100.64.0.0/10', purpose: 'an address behind a carrier\'s translator', rfc: 'RFC 6598' },
  { network: '127.0.0.0/8', purpose: 'a loopback address', rfc: 'RFC 1122 §3.2.1.3' },
  { network: '169.254.0.0/16', purpose: 'a link-local address', rfc: 'RFC 3927' },
  { network: '172.16.0.0/12', purpose: 'a private address', rfc: 'RFC 1918' },
  { network: '192.0.0.0/24', purpose: 'an address for protocols', rfc: 'RFC 6890 §2.1' },
  { network: '192.0.2.0/24', purpose: 'an address for documentation', rfc: 'RFC 5737' },
  { network: '192.88.99.0/24', purpose: 'an address of 6to4 relays', rfc: 'RFC 7526' },
  { network: '192.168.0.0/16', purpose: 'a private address', rfc: 'RFC 1918' },
  { network: '198.18.0.0/15', purpose: 'an address for benchmarks', rfc: 'RFC 2544' },
  { network: '198.51.100.0/24', purpose: 'an address for documentation', rfc: 'RFC 5737' },
  { network: '203.0.113.0/24', purpose: 'an address for documentation', rfc: 'RFC 5737' },
  { network: '224.0.0.0/4', purpose: 'a multicast address', rfc: 'RFC 5771' },
  { network: '240.0.0.0/4', purpose: 'a reserved address', rfc: 'RFC 1112 §4' },
  { network: '::/128', purpose: 'the unspecified address', rfc: 'RFC 4291 §2.5.2' },
  { network: '::1/128', purpose: 'the loopback address', rfc: 'RFC 4291 §2.5.3' },
  { network: '64:ff9b:1::/48', purpose: 'an address of a local translator', rfc: 'RFC 8215' },
  { network: '2001::/23', purpose: 'an address for protocols', rfc: 'RFC 2928' },
  { network: '2001:db8::/32', purpose: 'an address for documentation', rfc: 'RFC 3849' },
  { network: '2002::/16', purpose: 'a 6to4 address', rfc: 'RFC 3056' },
  { network: '3fff::/20', purpose: 'an address for documentation', rfc: 'RFC 9637' },
  { network: 'fc00::/7', purpose: 'a private address', rfc: 'RFC 4193' },
  { network: 'fe80::/10', purpose: 'a link-local address', rfc: 'RFC 4291 §2.5.6' },
  { network: 'fec0::/10', purpose: 'a site-local address', rfc: 'RFC 3879' },
  { network: 'ff00::/8', purpose: 'a multicast address', rfc: 'RFC 4291 §2.7' },
]

const unreadable: SpecialRange = { network: '', purpose: 'no address', rfc: 'RFC 4291 §2.2' }
const mapped: SpecialRange = {
  network: '::ffff:0:0/96',
  purpose: 'an IPv4 address in the clothes of IPv6',
  rfc: 'RFC 4291 §2.5.5.2',
}
/** All that IPv6 has not given to anybody: 100::/64 (RFC 6666), 5f00::/16 (RFC 9602), ::/96 and what is not assigned. */
const outside: SpecialRange = {
  network: '::/0',
  purpose: 'outside of global unicast',
  rfc: 'RFC 4291 §2.5.4',
}

interface Prefix extends SpecialRange {
  readonly start: ClientAddress
  readonly bits: number
}

const prefixes: readonly Prefix[] = specialRanges.map((range) => ({
  ...range,
  ...prefixOf(range.network),
}))
const globalUnicast = prefixOf('2000::/3')
/** NAT64's well-known prefix, RFC 6052 §2.1: the last four octets say whom it leads to. */
const translated = prefixOf('64:ff9b::/96')

/** `null` where it is an address of somebody on the Internet. */
export function specialRangeOf(text: string): SpecialRange | null {
  const address = parseAddress(text)
  if (address === null) return unreadable
  if (address.family === 4) return text.includes(':') ? mapped : listed(address)
  if (sharePrefix(address, translated.start, translated.bits))
    return listed({ family: 4, octets: address.octets.slice(12) })
  const found = listed(address)
  if (found !== null) return found
  return sharePrefix(address, globalUnicast.start, globalUnicast.bits) ? null : outside
}

function listed(address: ClientAddress): SpecialRange | null {
  return prefixes.find(({ start, bits }) => sharePrefix(address, start, bits)) ?? null
}

function prefixOf(network: string): { readonly start: ClientAddress; readonly bits: number } {
  const [text = '', bits = ''] = network.split('/')
  const start = parseAddress(text)
  if (start === null) throw new TypeError(`no network: ${network}`)
  return { start, bits: Number(bits) }
}
