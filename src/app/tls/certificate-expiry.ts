// SPDX-License-Identifier: Apache-2.0
/** Says in time that a certificate ends: once a day from three weeks before, or from the last quarter of a shorter life. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { days, type Instant } from '../../base/brand.ts'
import { formatDuration } from '../../base/quantity.ts'
import type { OperationEvent } from '../../events/event.ts'

export type Announce = (type: OperationEvent['type'], text: string) => void

const NOTICE = days(21)
const PART_OF_LIFE = 4
const AGAIN = days(1)

export class CertificateExpiry {
  readonly #announce: Announce
  /** By file: when it was said last. */
  readonly #said = new Map<string, Instant>()

  constructor(announce: Announce) {
    this.#announce = announce
  }

  /** `file` can be read: it is in use. */
  look(file: string, now: Instant): void {
    const certificate = new X509Certificate(readFileSync(file))
    const end = certificate.validToDate.getTime()
    const life = end - certificate.validFromDate.getTime()
    if (end - now > Math.min(NOTICE, life / PART_OF_LIFE)) {
      this.#said.delete(file)
      return
    }
    const last = this.#said.get(file)
    if (last !== undefined && now - last < AGAIN) return
    this.#said.set(file, now)
    const what = `the certificate ${file} (${certificate.subject.replaceAll('\n', ', ')})`
    const day = certificate.validToDate.toISOString()
    if (end <= now)
      this.#announce('certificate.expired', `${what} ended ${day}: clients that verify go away`)
    else
      this.#announce('certificate.expiring', `${what} ends in ${formatDuration(end - now)}, ${day}`)
  }
}
