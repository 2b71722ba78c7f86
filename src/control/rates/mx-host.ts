// SPDX-License-Identifier: Apache-2.0
import type { ShapedHost } from '../../queue/shaping/rules.ts'

/** The host that an event names, `mx1.example.net[192.0.2.1]:25`, as shaping rules know it. */
export function mxHost(mx: string): ShapedHost {
  const [, name = mx, address] = /^([^[]*)\[([^\]]*)\]/.exec(mx) ?? []
  return { name, addresses: address === undefined ? [] : [address] }
}
