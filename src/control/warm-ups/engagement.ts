// SPDX-License-Identifier: Apache-2.0
/** Who shows that mail is welcome, as events say it: by opening it or following a link, where no machine did. */
import { instant } from '../../base/brand.ts'
import { engagementLimits } from '../../base/limits/engagement-limits.ts'
import type { Event } from '../../events/event.ts'
import type { ClickedEvent, OpenedEvent } from '../../events/hit-events.ts'
import type { AddressHasher } from '../../protocol/address-hash.ts'
import { parseMailbox } from '../../protocol/mailbox.ts'
import { dayOf } from '../../queue/warm-up/signals.ts'
import type { Engaged } from '../../records/engagement.ts'
import type { Store } from '../../records/store.ts'

export type Hit = OpenedEvent | ClickedEvent

/** `null`: it is none, or a machine's, or the simulated receiver's. */
export function hitIn(event: Event): Hit | null {
  if (event.type !== 'message.opened' && event.type !== 'message.clicked') return null
  return event.sandbox || event.machine !== null ? null : event
}

/** Who engaged, as it is kept, and whether that is news of a recipient. */
export class Engagement {
  readonly #hasher: AddressHasher
  /** Recipients of messages who were heard of; full, it begins anew, and some count twice. */
  readonly #seen = new Set<string>()
  /** On which day what is old was last forgotten. */
  #sweptOn = 0

  constructor(hasher: AddressHasher) {
    this.#hasher = hasher
  }

  /** `null`: there is no such address. */
  engagedIn({ at, recipient, tenant }: Hit): Engaged | null {
    const mailbox = parseMailbox(recipient)
    if (mailbox === null) return null
    const addressHash = this.#hasher.hash(tenant, mailbox)
    return { tenant, addressHash, day: dayOf(instant(Date.parse(at))) }
  }

  /** Who opens mail ten times is one who engages. To be asked once of each, in the order in which they came. */
  isFirst({ messageId, recipientIndex }: Hit): boolean {
    const name = `${messageId} ${recipientIndex}`
    if (this.#seen.has(name)) return false
    if (this.#seen.size >= engagementLimits.seen) this.#seen.clear()
    this.#seen.add(name)
    return true
  }

  /** What was read and not written is read again. */
  beginAnew(): void {
    this.#seen.clear()
  }

  /** Once a day, in steps and not within a transaction: there may be many. */
  async sweep({ engagement }: Pick<Store, 'engagement'>, today: number): Promise<void> {
    if (today === this.#sweptOn) return
    this.#sweptOn = today
    const { forgottenTogether, kept, keptDays } = engagementLimits
    while ((await engagement.forget(today - keptDays, forgottenTogether)) === forgottenTogether);
    for (let over = (await engagement.size()) - kept; over > 0; ) {
      const forgotten = await engagement.forget(null, Math.min(over, forgottenTogether))
      if (forgotten === 0) return
      over -= forgotten
    }
  }
}
