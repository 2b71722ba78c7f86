// SPDX-License-Identifier: Apache-2.0
/**
 * The keys of TLS session tickets, which all workers share, so that a client that comes back may come to any of them. They
 * lie sealed in the data directory and are replaced twice a day: tickets of the ones before are then full handshakes, and
 * what was recorded under them cannot be opened any more (RFC 9325 §3.4).
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hours, type Instant, instant } from '../../base/brand.ts'
import type { Keyring } from '../../base/keyring.ts'
import type { Random } from '../../base/random.ts'

const KEY_OCTETS = 48
const TIME_OCTETS = 6
const LIFE = hours(12)
const PURPOSE = 'tls tickets'

export interface TicketKeyFile {
  readonly dataDir: string
  readonly keyring: Keyring
}

export function ticketKeyFile(dataDir: string): string {
  return join(dataDir, 'tls-tickets')
}

/** `null`: there are none yet, or another key file has sealed them. */
export function readTicketKeys(place: TicketKeyFile): Buffer | null {
  return read(place)?.keys ?? null
}

/** Makes new ones where the old are too old, or not there. Called by one process of a relay alone. */
export function renewTicketKeys(place: TicketKeyFile, now: Instant, random: Random): void {
  const old = read(place)
  if (old !== null && old.since <= now && now - old.since < LIFE) return
  const octets = Buffer.alloc(TIME_OCTETS + KEY_OCTETS)
  octets.writeUIntBE(now, 0, TIME_OCTETS)
  random.bytes(KEY_OCTETS).copy(octets, TIME_OCTETS)
  const file = ticketKeyFile(place.dataDir)
  const fresh = `${file}.new`
  writeFileSync(fresh, place.keyring.seal(octets, PURPOSE), { mode: 0o600 })
  renameSync(fresh, file)
}

function read({ dataDir, keyring }: TicketKeyFile): { since: Instant; keys: Buffer } | null {
  try {
    const octets = keyring.open(readFileSync(ticketKeyFile(dataDir)), PURPOSE)
    return {
      since: instant(octets.readUIntBE(0, TIME_OCTETS)),
      keys: octets.subarray(TIME_OCTETS),
    }
  } catch {
    // The first start, or a key file that is another one: tickets are not worth a refusal to start.
    return null
  }
}
