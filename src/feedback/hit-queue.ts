// SPDX-License-Identifier: Apache-2.0
/**
 * Hits on their way to a journal: nobody who follows a link waits for a disk. They are written in the order in which they came, as many at
 * once as have come meanwhile. What is too much, or cannot be written now, is lost and counted: it is a number, not mail.
 */
import { messageOf } from '../base/errors.ts'
import { trackingLimits } from '../base/limits/tracking-limits.ts'
import type { Log } from '../base/log.ts'
import type { Hit, HitRecorder } from './hit.ts'

export class HitQueue {
  readonly #recorder: HitRecorder
  readonly #log: Log
  #waiting: Hit[] = []
  #lost = 0
  /** Of those, for want of room since it was last told. */
  #overflow = 0
  #writing: Promise<void> | null = null

  constructor(recorder: HitRecorder, log: Log) {
    this.#recorder = recorder
    this.#log = log
  }

  /** That were not written, since the process began. */
  get lost(): number {
    return this.#lost
  }

  add(hit: Hit): void {
    if (this.#waiting.length >= trackingLimits.waitingHits) {
      this.#lost++
      this.#overflow++
      return
    }
    this.#waiting.push(hit)
    this.#writing ??= this.#write()
  }

  /** Resolves when what has come is written, or lost. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const hits = this.#waiting.slice(0, trackingLimits.hitsAtOnce)
      this.#waiting = this.#waiting.slice(hits.length)
      try {
        await this.#recorder.hits(hits)
      } catch (thrown) {
        // The disk holds events back, or the worker that has a message is being replaced.
        this.#lost += hits.length
        this.#log.warn(
          { error: messageOf(thrown), hits: hits.length },
          'openings and clicks are lost',
        )
      }
    }
    this.#writing = null
    if (this.#overflow > 0)
      this.#log.warn({ hits: this.#overflow }, 'openings and clicks are lost: too many at once')
    this.#overflow = 0
  }
}
