// SPDX-License-Identifier: Apache-2.0
/**
 * A PROXY header as we say it before anything else, versions 1 and 2 (HAProxy's `proxy-protocol.txt` §2.1, §2.2): from which address a
 * proxy shall call, and whom.
 */
import { canonicalAddress, isIpv4 } from './ip-address.ts'
import { addressOctets } from './socks5.ts'

export interface ProxiedCall {
  /** Both of one family. */
  readonly source: string
  readonly target: string
  readonly port: number
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** The proxy chooses the port that it calls from. */
const ANY_PORT = 0

export function proxyLine({ port, source, target }: ProxiedCall): Uint8Array {
  const family = isIpv4(target) ? 'TCP4' : 'TCP6'
  const [from, to] = [canonicalAddress(source), canonicalAddress(target)]
  return Buffer.from(`PROXY ${family} ${from} ${to} ${ANY_PORT} ${port}\r\n`)
}

export function proxyOctets({ port, source, target }: ProxiedCall): Uint8Array {
  const addresses = [...addressOctets(source), ...addressOctets(target)]
  const ports = [ANY_PORT, ANY_PORT, port >> 8, port & 0xff]
  const length = addresses.length + ports.length
  const family = isIpv4(target) ? 0x11 : 0x21
  return Buffer.concat([
    SIGNATURE,
    Buffer.from([0x21, family, length >> 8, length & 0xff, ...addresses, ...ports]),
  ])
}
