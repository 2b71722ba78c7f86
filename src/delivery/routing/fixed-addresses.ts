// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net'
import type { AddressRecord } from '../../dns/resolver.ts'
import { SANDBOX_DOMAIN } from '../../spool/sandbox.ts'

/**
 * Of hosts that are not asked for in the DNS: an address is itself; `localhost` is never asked for (RFC 6761 §6.3), nor is the
 * simulated receiver. None of all others.
 */
export function fixedAddresses(host: string): readonly AddressRecord[] {
  if (host === SANDBOX_DOMAIN) return [{ address: '127.0.0.1', family: 4 }]
  if (host === 'localhost')
    return [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]
  const family = isIP(host)
  return family === 4 || family === 6 ? [{ address: host, family }] : []
}
