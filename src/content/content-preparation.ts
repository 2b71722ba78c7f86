// SPDX-License-Identifier: Apache-2.0
/**
 * Makes content fit for receivers, by the policy of its stream, before anything is hashed or signed. Content in which nothing is
 * wrong passes as it came, in the same chunks: one that is small is looked at when it is complete, and its lines are not even
 * split. Only where something is, or where content is too large to wait for, `EntityEncoder` takes it apart.
 *
 *   waiting ──▶ taken apart
 */
import { isAscii } from 'node:buffer'
import { contentLimits, serverLimits } from '../base/limits/limits.ts'
import { memoryLimits } from '../base/limits/process-limits.ts'
import { LongLineScan } from '../protocol/mime/lines.ts'
import type { Reply } from '../protocol/reply.ts'
import type { ContentPolicy } from './content-policy.ts'
import * as refusal from './content-refusals.ts'
import { EntityEncoder } from './entity-encoder.ts'
import { GatherBuffer } from './gather-buffer.ts'

const NOTHING: readonly Uint8Array[] = []
const NO_OCTETS = Buffer.alloc(0)
const LF = 10

export class ContentPreparation {
  readonly #policy: ContentPolicy
  readonly #scan = new LongLineScan()
  /** Of content that is taken apart, a line whose end has not come. */
  readonly #open = new GatherBuffer()
  #waiting: Uint8Array[] = []
  /** In memory, about. */
  #waitingOctets = 0
  #is8Bit = false
  #encoder: EntityEncoder | null = null

  constructor(policy: ContentPolicy) {
    this.#policy = policy
  }

  /** Why the content cannot be taken; final after `finish`. What comes after it is dropped. */
  get fault(): Reply | null {
    if (this.#policy.longLines === 'refuse' && this.#scan.hasFound) return refusal.lineTooLong
    return this.#encoder?.fault ?? null
  }

  /** That it keeps in memory, about. */
  get heldOctets(): number {
    return this.#waitingOctets + this.#open.heldOctets + (this.#encoder?.heldOctets ?? 0)
  }

  /** Chunks that go on. One that comes is kept, not copied. */
  write(chunk: Uint8Array): readonly Uint8Array[] {
    this.#scan.update(chunk)
    if (this.#policy.eightBit === 'keep' && this.#policy.longLines === 'refuse') return [chunk]
    if (this.fault !== null) return NOTHING
    if (this.#encoder !== null) {
      this.#split(this.#encoder, chunk)
      return this.#encoder.take()
    }
    this.#waiting.push(chunk)
    this.#waitingOctets += chunk.length + memoryLimits.chunkOctets
    this.#is8Bit ||= this.#policy.eightBit === 'quoted-printable' && !isAscii(chunk)
    return this.#waitingOctets <= contentLimits.wholeOctets ? NOTHING : this.#takeApart().take()
  }

  /** The rest of them. */
  finish(): readonly Uint8Array[] {
    if (this.fault !== null) return NOTHING
    if (this.#encoder === null && !this.#scan.hasFound && !this.#is8Bit) return this.#waiting
    const encoder = this.#encoder ?? this.#takeApart()
    if (this.#open.length > 0) encoder.line(this.#open.append(NO_OCTETS))
    encoder.end()
    return encoder.take()
  }

  #takeApart(): EntityEncoder {
    const encoder = new EntityEncoder(this.#policy)
    this.#encoder = encoder
    for (const chunk of this.#waiting) this.#split(encoder, chunk)
    this.#waiting = []
    this.#waitingOctets = 0
    return encoder
  }

  #split(encoder: EntityEncoder, octets: Uint8Array): void {
    const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
    for (let at = 0; at < chunk.length; ) {
      if (this.#open.length === 0) at += encoder.lines(chunk, at)
      const end = chunk.indexOf(LF, at) + 1
      if (end > 0) this.#line(encoder, chunk.subarray(at, end))
      else if (at < chunk.length) this.#leaveOpen(encoder, chunk.subarray(at))
      at = end > 0 ? end : chunk.length
    }
  }

  #line(encoder: EntityEncoder, end: Buffer): void {
    encoder.line(this.#open.append(end))
    this.#open.clear()
  }

  #leaveOpen(encoder: EntityEncoder, beginning: Buffer): void {
    this.#open.append(beginning)
    if (this.#open.length <= serverLimits.textLineOctets) return
    encoder.refuse(refusal.lineTooLong)
    this.#open.clear()
  }
}
