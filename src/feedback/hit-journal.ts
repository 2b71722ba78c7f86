// SPDX-License-Identifier: Apache-2.0
/** Writes hits into the journal that has the message. What a reader's program asks for several times at once is told once; a machine hides nobody who comes after it. */
import { ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { trackingLimits } from '../base/limits/tracking-limits.ts'
import { TtlCache } from '../base/ttl-cache.ts'
import type { ReceivedEvent, Unwritten } from '../events/event.ts'
import type { HitEvent } from '../events/hit-events.ts'
import type { MessageId } from '../events/ids.ts'
import type { EventLog } from '../spool/event-log.ts'
import { isSandboxed } from '../spool/sandbox.ts'
import type { Hit, HitRecorder } from './hit.ts'

export interface HitJournalOptions {
  readonly events: Pick<EventLog, 'keep' | 'received'>
  readonly clock: Clock
  readonly node: string
}

export class HitJournal implements HitRecorder {
  readonly #options: HitJournalOptions
  readonly #seen: TtlCache<true>

  constructor(options: HitJournalOptions) {
    this.#options = options
    this.#seen = new TtlCache(options.clock, trackingLimits.hitsRemembered)
  }

  async hits(hits: readonly Hit[]): Promise<void> {
    const fresh = hits.filter((hit) => this.#isNew(hit))
    const byMessage = Map.groupBy(fresh, ({ messageId }) => messageId)
    const events: Unwritten<HitEvent>[] = []
    for (const [id, its] of byMessage) events.push(...(await this.#eventsOf(id, its)))
    if (events.length > 0) await this.#options.events.keep(events)
  }

  #isNew({ agent, link, machine, messageId, recipientIndex }: Hit): boolean {
    const key = `${messageId} ${recipientIndex} ${machine ?? agent} ${link ?? ''}`
    if (this.#seen.get(key) !== null) return false
    this.#seen.set(key, true, ms(trackingLimits.sameHitMs))
    return true
  }

  async #eventsOf(id: MessageId, hits: readonly Hit[]): Promise<readonly Unwritten<HitEvent>[]> {
    const message = await this.#options.events.received(id)
    if (message === null) return []
    return hits.flatMap((hit) => eventOf(hit, message, this.#options.node) ?? [])
  }
}

function eventOf(hit: Hit, message: ReceivedEvent, node: string): Unwritten<HitEvent> | null {
  const { agent, at, link, machine, peer, recipientIndex } = hit
  const { campaign, messageId, sandbox, stream, tenant } = message
  const recipient = message.recipients[recipientIndex]
  if (recipient === undefined) return null
  const common = {
    ...{ at, node, tenant, stream, campaign, messageId, recipientIndex, recipient },
    ...((sandbox || isSandboxed(recipient)) && { sandbox: true as const }),
    ...{ agent, machine, peer },
  }
  return link === null
    ? { type: 'message.opened', ...common }
    : { type: 'message.clicked', ...common, link }
}
