// SPDX-License-Identifier: Apache-2.0
/**
 * A view of events that counts, by the hour, what receivers answer to the mail of each tenant in each pool and what comes back, and every
 * few seconds lets those be judged who sent. What was counted and how far was read are written together.
 */
import { type Instant, ms, seconds } from '../../base/brand.ts'
import { messageOf } from '../../base/errors.ts'
import { standingLimits } from '../../base/limits/standing-limits.ts'
import type { Log } from '../../base/log.ts'
import { persevere } from '../../base/persevere.ts'
import { RecentMap } from '../../base/recent-map.ts'
import { type Cursor, formatCursor, parseCursor } from '../../events/cursor.ts'
import type { Event } from '../../events/event.ts'
import { type MessageId, receivedAtOf } from '../../events/ids.ts'
import { hourOf } from '../../queue/standing/standing.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import {
  noCounts,
  type StandingHour,
  type StandingPlace,
  standingKey,
} from '../../records/standing.ts'
import type { EventFeed } from '../../spool/event-feed.ts'
import type { FindWay } from '../rates/way-of-mail.ts'
import type { StandingService } from './standing-service.ts'
import { newsIn, noteOfAnswer, type StandingNote } from './standing-signals.ts'

const VIEW = 'standings'
/** A store that cannot be written now is asked again. */
const TRY_AGAIN = seconds(5)

export interface StandingViewParts {
  readonly feed: EventFeed
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly service: StandingService
  readonly wayOf: FindWay
  readonly log: Log
}

/** One answer, or one thing that came back. */
interface HourCount {
  readonly place: StandingPlace
  readonly hour: number
  readonly kind: StandingNote['kind']
}

type AboutRecipient = { readonly messageId: MessageId; readonly recipientIndex: number }

export class StandingsView {
  readonly #parts: StandingViewParts
  /** Not yet in the records. */
  #rows = new Map<string, StandingHour>()
  #cursor: Cursor | null = null
  /** When that happened which was read last, since somebody was judged; `null`: nothing was. */
  #latest: number | null = null
  /** Of whom something was counted since they were judged. */
  readonly #due = new Map<string, StandingPlace>()
  /** When mail was taken, by message and recipient. */
  readonly #taken = new RecentMap<string, Instant>(standingLimits.deliveries)
  #judgedAllAt = Number.NEGATIVE_INFINITY

  constructor(parts: StandingViewParts) {
    this.#parts = parts
  }

  /** Until `signal` aborts; after a failure it goes on where it was. */
  async follow(signal: AbortSignal): Promise<void> {
    const { log, records } = this.#parts
    const failed = (thrown: unknown) =>
      log.warn({ error: messageOf(thrown) }, 'the standing of tenants cannot be judged now')
    const options = { clock: records.clock, pause: TRY_AGAIN, failed }
    await Promise.all([
      persevere(() => this.#read(signal), signal, options),
      persevere(() => this.#judgeOften(signal), signal, options),
    ])
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { feed, records } = this.#parts
    // What was read and not written is read again.
    this.#rows.clear()
    this.#cursor = null
    const cursor = await records.store.views.cursor(VIEW)
    const start = cursor === null ? 'oldest' : parseCursor(cursor)
    for await (const batch of feed.read(start, signal, VIEW)) {
      const counts: HourCount[] = []
      for (const { event } of batch.events) {
        const count = await this.#countOf(event)
        if (count !== null) counts.push(count)
      }
      // At once, for they may be written at any moment: all of a batch with where it ends, or nothing of it.
      for (const count of counts) this.#count(count)
      this.#cursor = batch.cursor
      const last = batch.events.at(-1)
      if (last !== undefined) this.#latest = Date.parse(last.event.at)
      if (this.#rows.size >= standingLimits.pending) await this.judge()
    }
  }

  async #judgeOften(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts.records
    while (!signal.aborted) {
      await clock.sleep(ms(standingLimits.judgeEveryMs), signal)
      if (!signal.aborted) await this.judge()
    }
  }

  /** Counts one event. */
  async hear(event: Event): Promise<void> {
    const count = await this.#countOf(event)
    if (count !== null) this.#count(count)
  }

  async #countOf(event: Event): Promise<HourCount | null> {
    const note = this.#answerIn(event) ?? (await this.#newsOf(event))
    const place = note && this.#parts.service.neighbours.placeOf(note.tenant, note.stream)
    if (note === null || place === null) return null
    const hour = hourOf(note.at)
    // Of a journal that is read for the first time, most is too old to be judged.
    if (hour <= hourOf(this.#parts.records.clock.now()) - standingLimits.longHours) return null
    return { place, hour, kind: note.kind }
  }

  #answerIn(event: Event): StandingNote | null {
    const note = noteOfAnswer(event)
    if (note?.kind === 'delivered' && event.type === 'message.delivered')
      this.#taken.set(nameOf(event), note.at)
    return note
  }

  #count({ hour, kind, place }: HourCount): void {
    const key = `${standingKey(place.tenant, place.pool)} ${hour}`
    const row = this.#rows.get(key) ?? { ...place, hour, ...noCounts }
    this.#rows.set(key, { ...row, [kind]: row[kind] + 1 })
  }

  /** Writes what was counted, and judges whom it is about; all, once an hour. Who reads what is long past is not judged by a part of it. */
  async judge(): Promise<void> {
    const { records, service } = this.#parts
    await this.#write()
    const latest = this.#latest
    if (latest !== null && records.clock.now() - latest > standingLimits.behindMs) return
    this.#latest = null
    const now = records.clock.monotonic()
    const isForAll = now - this.#judgedAllAt >= standingLimits.judgeAllEveryMs
    if (isForAll) this.#judgedAllAt = now
    const places = isForAll ? service.neighbours.places : [...this.#due.values()]
    this.#due.clear()
    for (const place of places) await service.judge(place)
  }

  async #write(): Promise<void> {
    const rows = this.#rows
    const cursor = this.#cursor
    if (cursor === null && rows.size === 0) return
    this.#rows = new Map()
    this.#cursor = null
    try {
      await this.#parts.records.store.transaction(async (store) => {
        await store.standingHours.add([...rows.values()])
        if (cursor !== null) await store.views.put(VIEW, formatCursor(cursor))
      })
    } catch (thrown) {
      // The store is away: what was counted is counted then.
      for (const [key, row] of this.#rows) rows.set(key, plus(rows.get(key), row))
      this.#rows = rows
      this.#cursor ??= cursor
      throw thrown
    }
    for (const { pool, tenant } of rows.values())
      this.#due.set(standingKey(tenant, pool), { tenant, pool })
  }

  /** About mail that went out before: when that was is in its own events. */
  async #newsOf(event: Event): Promise<StandingNote | null> {
    const kind = newsIn(event)
    if (kind === null || !('recipientIndex' in event)) return null
    const { messageId, stream, tenant } = event
    const at = this.#taken.get(nameOf(event)) ?? (await this.#takenAt(event))
    return { tenant, stream, kind, at: at ?? receivedAtOf(messageId) }
  }

  async #takenAt({ messageId, recipientIndex }: AboutRecipient): Promise<Instant | null> {
    const { delivered } = await this.#parts.wayOf(messageId, recipientIndex)
    return (delivered && noteOfAnswer(delivered))?.at ?? null
  }
}

function nameOf({ messageId, recipientIndex }: AboutRecipient): string {
  return `${messageId} ${recipientIndex}`
}

function plus(one: StandingHour | undefined, other: StandingHour): StandingHour {
  if (one === undefined) return other
  return {
    ...other,
    delivered: one.delivered + other.delivered,
    unknown: one.unknown + other.unknown,
    refused: one.refused + other.refused,
    complained: one.complained + other.complained,
  }
}
