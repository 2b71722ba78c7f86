// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net'

/** On loopback. */
function hasIpv6(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(0, '::1', () => probe.close(() => resolve(true)))
  })
}

export const skipWithoutIpv6 = !(await hasIpv6()) && 'this machine has no IPv6 on loopback'
