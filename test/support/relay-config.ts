// SPDX-License-Identifier: Apache-2.0
/** Pieces of configuration for a relay under test; joined they make `RelaySettings.config`. */
import type { ZoneServer } from '../../src/dns/zone-server.ts'

/** Whoever is on this machine may hand in mail without AUTH. */
export const trustLoopback = '[[trusted]]\nnetwork = "127.0.0.0/8"\n'

/** Mail to `domain`, by default all mail, goes to a port of loopback. */
export function routeTo(port: number, domain = '*'): string {
  return `[[route]]\ndomain = "${domain}"\nhost = "127.0.0.1"\nport = ${port}\n`
}

/** The relay asks nobody but `zone`, and mail may go where that leads: to loopback. */
export function namesFrom(zone: ZoneServer): string {
  return `[dns]\nservers = ["${zone.address}:${zone.port}"]\nrefuse_networks = []\n`
}
