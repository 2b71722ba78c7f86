// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps a certificate of an authority: ordered when there is none for the names of the configuration, and anew when a third
 * of its life is left. What fails is tried again later and later, and said each time.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type DurationMs, hours, type Instant, minutes, plus } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Config } from '../config/config.ts'
import type { LiveConfig } from '../live-config.ts'
import type { Announce } from '../tls/certificate-expiry.ts'
import { AcmeClient } from './acme-client.ts'
import { acmeCertificateFile } from './acme-file.ts'
import { ChallengeServer } from './challenge-server.ts'

export interface AcmeRenewalParts {
  readonly live: LiveConfig
  readonly clock: Clock
  readonly announce: Announce
  /** A new one lies in its file. */
  readonly onRenewed: () => void
}

const LOOK_EVERY = minutes(1)
/** Authorities allow a few failures an hour. The last one repeats. */
const PAUSES: readonly DurationMs[] = [minutes(15), hours(1), hours(6)]
/** Of its life, what is left when it is renewed. */
const LEFT = 1 / 3

export class AcmeRenewal {
  readonly #parts: AcmeRenewalParts
  #failures = 0
  #notBefore: Instant | null = null

  constructor(parts: AcmeRenewalParts) {
    this.#parts = parts
  }

  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look()
      await this.#parts.clock.sleep(LOOK_EVERY, signal)
    }
  }

  /** Never throws. */
  async look(): Promise<void> {
    const { announce, clock, live, onRenewed } = this.#parts
    const { config } = live.current
    const now = clock.now()
    if (!isDue(config, now) || (this.#notBefore !== null && now < this.#notBefore)) return
    const names = config.acme.names.join(', ')
    try {
      await this.#renew(config)
      this.#failures = 0
      this.#notBefore = null
      onRenewed()
      announce('certificate.renewed', `${config.acme.directory} gave a certificate for ${names}`)
    } catch (thrown) {
      // What the authority, the network or the disk says.
      const pause = PAUSES[Math.min(this.#failures++, PAUSES.length - 1)] ?? LOOK_EVERY
      this.#notBefore = plus(clock.now(), pause)
      announce(
        'certificate.renewal-failed',
        `no certificate for ${names} from ${config.acme.directory}: ${messageOf(thrown)}`,
      )
    }
  }

  async #renew({ acme, dataDir }: Config): Promise<void> {
    const file = acmeCertificateFile(dataDir)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const key = accountKey(join(dirname(file), 'account.key'))
    await using challenges = await ChallengeServer.listen(acme.http.host, acme.http.port)
    const client = await AcmeClient.open(acme.directory, key, acme.contact, this.#parts.clock)
    // Its library is large, and most relays get their certificates elsewhere.
    const { orderCertificate } = await import('./acme-order.ts')
    write(file, await orderCertificate(client, acme.names, challenges))
  }
}

function isDue({ acme: { names }, dataDir }: Config, now: Instant): boolean {
  const file = acmeCertificateFile(dataDir)
  if (names.length === 0) return false
  if (!existsSync(file)) return true
  const certificate = new X509Certificate(readFileSync(file))
  if (!names.every((name) => certificate.checkHost(name) !== undefined)) return true
  const end = certificate.validToDate.getTime()
  return end - now < (end - certificate.validFromDate.getTime()) * LEFT
}

/** The same for ever: the authority knows the account by it. */
function accountKey(file: string): KeyObject {
  if (existsSync(file)) return createPrivateKey(readFileSync(file))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  write(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  return privateKey
}

/** Whole or not at all. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
