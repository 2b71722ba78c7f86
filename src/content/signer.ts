// SPDX-License-Identifier: Apache-2.0
/**
 * Signs messages: DKIM (RFC 6376) by RSA, and Ed25519 beside it (RFC 8463), relaxed/relaxed. RSA costs a third of a
 * millisecond and runs on the thread pool, which also serves the file system: at most `concurrency` at once, the others wait
 * here in order. Ed25519 is cheaper than the way to another thread.
 */
import { hash, type KeyObject, sign } from 'node:crypto'
import type { Instant } from '../base/brand.ts'
import { RelayError } from '../base/errors.ts'
import { contentLimits } from '../base/limits/limits.ts'
import { Ring } from '../base/ring.ts'
import { canonicaliseFields } from '../protocol/dkim/relaxed-header.ts'
import {
  canonicalSignatureField,
  signatureField,
  signatureTail,
} from '../protocol/dkim/signature-field.ts'
import { selectSignedFields } from '../protocol/dkim/signed-fields.ts'
import type { HeaderField } from '../protocol/message/header-section.ts'
import type { PreparedKey } from './prepared-key.ts'

export interface SignerOptions {
  /** RSA operations at once: the number of cores. */
  readonly concurrency: number
}

interface Job {
  readonly octets: Buffer
  readonly key: KeyObject
  readonly resolve: (signature: Buffer) => void
  readonly reject: (thrown: Error) => void
}

const NO_SIGNATURE = Buffer.alloc(0)

export class Signer {
  readonly #concurrency: number
  readonly #waiting = new Ring<Job>()
  #running = 0

  constructor(options: SignerOptions) {
    this.#concurrency = options.concurrency
  }

  /**
   * The signature fields, RSA before Ed25519, each with its CRLF: they go before the content. Empty without keys. Rejects
   * with `RLY_BUSY` where `contentLimits.waitingSignatures` wait already.
   */
  async sign(
    header: readonly HeaderField[],
    bodyHash: string,
    keys: readonly PreparedKey[],
    now: Instant,
  ): Promise<Buffer> {
    if (keys.length === 0) return NO_SIGNATURE
    const { names, fields } = selectSignedFields(header)
    const canonical = canonicaliseFields(fields)
    const tail = signatureTail(bodyHash, names, now)
    let text = ''
    for (const key of keys.toSorted(rsaFirst)) {
      const own = Buffer.from(canonicalSignatureField(key.head, tail), 'latin1')
      const signature = await this.#signature(Buffer.concat([canonical, own]), key)
      text += signatureField(key.head, tail, signature.toString('base64'))
    }
    return Buffer.from(text, 'latin1')
  }

  #signature(octets: Buffer, key: PreparedKey): Buffer | Promise<Buffer> {
    // RFC 8463 §3: Ed25519 signs the hash, not the octets.
    if (key.algorithm === 'ed25519-sha256')
      return sign(null, hash('sha256', octets, 'buffer'), key.privateKey)
    return new Promise((resolve, reject) => {
      const job = { octets, key: key.privateKey, resolve, reject }
      if (this.#running < this.#concurrency) this.#run(job)
      else if (this.#waiting.size < contentLimits.waitingSignatures) this.#waiting.push(job)
      else reject(new RelayError('RLY_BUSY', `${this.#waiting.size} messages wait to be signed`))
    })
  }

  #run(job: Job): void {
    this.#running++
    sign('sha256', job.octets, job.key, (error, signature) => {
      this.#running--
      const next = this.#waiting.shift()
      if (next) this.#run(next)
      if (error) job.reject(error)
      else job.resolve(signature)
    })
  }
}

function rsaFirst(one: PreparedKey, other: PreparedKey): number {
  return Number(other.algorithm === 'rsa-sha256') - Number(one.algorithm === 'rsa-sha256')
}
