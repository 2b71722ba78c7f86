// SPDX-License-Identifier: Apache-2.0
/**
 * Holds the content of a message that is to be tracked until all of it is there, for a link that is changed changes lines around it.
 * One that is too large to be held goes out as it came.
 *
 *   held ──▶ passed
 */
import { memoryLimits } from '../base/limits/process-limits.ts'
import { trackingLimits } from '../base/limits/tracking-limits.ts'
import type { LinkTracker } from './link-tracker.ts'
import { trackMessage } from './tracked-message.ts'

const NOTHING: readonly Uint8Array[] = []

export class TrackedContent {
  readonly #tracker: LinkTracker
  /** `null`: what comes passes. */
  #held: Uint8Array[] | null = []
  #octets = 0
  #heldOctets = 0

  constructor(tracker: LinkTracker) {
    this.#tracker = tracker
  }

  /** That it keeps in memory, about. */
  get heldOctets(): number {
    return this.#heldOctets
  }

  /** Chunks that go on. One that comes is kept, not copied. */
  write(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#held === null) return [chunk]
    this.#held.push(chunk)
    this.#octets += chunk.length
    this.#heldOctets += chunk.length + memoryLimits.chunkOctets
    return this.#octets > trackingLimits.contentOctets ? this.#release() : NOTHING
  }

  /** The rest of them. */
  finish(): readonly Uint8Array[] {
    const held = this.#release()
    return held.length === 0 ? NOTHING : trackMessage(Buffer.concat(held), this.#tracker)
  }

  #release(): readonly Uint8Array[] {
    const held = this.#held ?? NOTHING
    this.#held = null
    this.#heldOctets = 0
    return held
  }
}
