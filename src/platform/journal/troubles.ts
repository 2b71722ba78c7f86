// SPDX-License-Identifier: Apache-2.0
/**
 * Tells the operator of mail that cannot be read. Damage is told each time, for each time something is held because of it. Trouble of the machine comes
 * for every message at once: it is told once in a while, with the number of times that it was met.
 */
import { type DurationMs, minutes } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { MessageId } from '../../events/ids.ts'
import type { ContentTrouble } from '../../spool/content.ts'
import type { Resident } from './resident.ts'

export interface TroublesOptions {
  readonly clock: Clock
  /** `text` is a sentence. */
  readonly tell: (type: 'spool.corrupt' | 'spool.unreadable', text: string) => void
}

const TELL_EVERY = minutes(1)

export class Troubles {
  readonly #options: TroublesOptions
  #toldAt: DurationMs | null = null
  #untold = 0

  constructor(options: TroublesOptions) {
    this.#options = options
  }

  ofContent(id: MessageId, trouble: ContentTrouble): void {
    if (trouble.kind === 'unreadable') this.unreadable(`message ${id}`, trouble.error)
    else
      this.#options.tell(
        'spool.corrupt',
        `The content of message ${id} is damaged: ${trouble.why}. Its recipients are held; "posthaste held list --by damage" shows them.`,
      )
  }

  /** Not even who it is for can be read. */
  ofFacts({ lsn, offset, segment }: Resident): void {
    this.#options.tell(
      'spool.corrupt',
      `Mail record ${lsn} in segment ${segment} at ${offset} is damaged: its recipients cannot be read and stay held. "posthaste verify" names what is damaged.`,
    )
  }

  /** `what` is a noun: "message …". */
  unreadable(what: string, error: unknown): void {
    this.#untold++
    const now = this.#options.clock.monotonic()
    if (this.#toldAt !== null && now - this.#toldAt < TELL_EVERY) return
    const others = this.#untold > 1 ? `, and ${this.#untold - 1} others before it` : ''
    this.#toldAt = now
    this.#untold = 0
    this.#options.tell(
      'spool.unreadable',
      `The spool cannot read ${what}${others}: ${messageOf(error)}. The mail is deferred and nothing is lost; check the disk, its permissions and the limit on open files.`,
    )
  }
}
