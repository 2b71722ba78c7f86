// SPDX-License-Identifier: Apache-2.0
/**
 * Looks once a minute at the files of TLS: what has changed is used for new handshakes, so that a certificate which
 * somebody renews needs no signal. One process of a relay, the keeper, also replaces the keys of tickets and says when a
 * certificate ends.
 */
import { statSync } from 'node:fs'
import { minutes } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Keyring } from '../../base/keyring.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { Config } from '../config/config.ts'
import type { LiveConfig } from '../live-config.ts'
import { type Announce, CertificateExpiry } from './certificate-expiry.ts'
import { certificateFiles } from './listener-tls.ts'
import { renewTicketKeys, ticketKeyFile } from './ticket-keys.ts'

export interface TlsUpkeepParts {
  readonly live: LiveConfig
  readonly isKeeper: boolean
  readonly clock: Clock
  readonly random: Random
  readonly keyring: Keyring
  readonly announce: Announce
  readonly log: Log
}

const LOOK_EVERY = minutes(1)

export class TlsUpkeep {
  readonly #parts: TlsUpkeepParts
  readonly #expiry: CertificateExpiry
  #seen: string

  constructor(parts: TlsUpkeepParts) {
    this.#parts = parts
    this.#expiry = new CertificateExpiry(parts.announce)
    this.#seen = stateOf(parts.live.current.config)
  }

  /** Never throws: what cannot be read now is said, and what was read before is used. */
  look(): void {
    const { isKeeper, live, log } = this.#parts
    try {
      if (isKeeper) this.#keep()
      const state = stateOf(live.current.config)
      if (state === this.#seen) return
      this.#seen = state
      live.refreshTls()
      log.info({}, 'files of TLS have changed and are in use')
    } catch (thrown) {
      // A pair that is half written, a disk that is full; the next change is looked at again.
      log.warn({ error: messageOf(thrown) }, 'files of TLS cannot be used; those before are')
    }
  }

  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look()
      await this.#parts.clock.sleep(LOOK_EVERY, signal)
    }
  }

  #keep(): void {
    const { clock, keyring, live, random } = this.#parts
    const { config } = live.current
    const now = clock.now()
    renewTicketKeys({ dataDir: config.dataDir, keyring }, now, random)
    for (const { cert } of certificateFiles(config)) this.#expiry.look(cert, now)
  }
}

/** Changes when a file is replaced or written. */
function stateOf(config: Config): string {
  const files = [
    ...certificateFiles(config).flatMap(({ cert, key }) => [cert, key]),
    ...config.listeners.flatMap(({ clientCa }) => clientCa ?? []),
    ticketKeyFile(config.dataDir),
  ]
  return files
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false })
      return `${file} ${found?.ino} ${found?.size} ${found?.mtimeMs}`
    })
    .join('\n')
}
