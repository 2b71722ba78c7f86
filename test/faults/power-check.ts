// SPDX-License-Identifier: Apache-2.0
/** Opens the journal on a disk that lost its power, and compares what it has with what it owes. */
import { createHash } from 'node:crypto'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { days, hours, ms, plus } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import type { Event } from '../../src/events/event.ts'
import { timestampOf } from '../../src/events/event.ts'
import { journalId } from '../../src/events/ids.ts'
import { type Journal, openJournal } from '../../src/platform/journal/open-journal.ts'
import { verifyJournal } from '../../src/platform/journal/verify-journal.ts'
import { feedOf } from '../support/journal-feed.ts'
import { keptLog } from '../support/kept-log.ts'
import { SAMPLE_QUEUE } from '../support/mail-samples.ts'
import { bodyOf } from '../support/spool-rig.ts'
import type { Promises } from './power-promises.ts'
import { JOURNAL_FOLDER, POWER_LIMITS } from './power-words.ts'

const FINALS = ['message.delivered', 'message.bounced', 'message.expired', 'message.suppressed']
const clock = new SystemClock()

export interface PowerVerdict {
  /** A sentence each: what is lost, false, or done again that may not be. */
  readonly faults: readonly string[]
  /** Recipients that will be tried again though they have an outcome, within the time that outcomes are not synced in. */
  readonly repeated: number
}

export async function checkDisk(
  root: string,
  promises: Promises,
  hasAllEvents: boolean,
): Promise<PowerVerdict> {
  const folder = join(root, JOURNAL_FOLDER)
  const { log, lines } = keptLog()
  const journal = await openJournal({
    folder,
    journal: journalId(1),
    node: 'test',
    clock,
    random: new SystemRandom(),
    log,
    onFatal: () => {},
    retention: { failed: () => days(1), events: days(30) },
    limits: { ...POWER_LIMITS, outcomeSyncMs: 1 },
  })
  const check = new Check(promises, hasAllEvents)
  // The clock keeps no process alive.
  const alive = setInterval(() => undefined, 60_000)
  try {
    await check.recipients(journal)
    check.events(await eventsOf(journal, folder))
    const copy = `${root}-verified`
    cpSync(folder, copy, { recursive: true })
    const { problems } = await verifyJournal({
      folder: copy,
      journal: journalId(1),
      keepFailed: () => days(1),
    })
    rmSync(copy, { recursive: true })
    check.faults.push(...problems.map(({ file, what }) => `verify: ${file}: ${what}`))
    // Parts of a torn write may be set aside; nobody who waits may be without a record.
    for (const { level, text } of lines)
      if (level === 'error' && !/ octets at /.test(text)) check.faults.push(`log: ${text}`)
  } finally {
    clearInterval(alive)
    await journal[Symbol.asyncDispose]()
  }
  return check
}

class Check implements PowerVerdict {
  readonly faults: string[] = []
  repeated = 0
  readonly #promises: Promises
  readonly #hasAllEvents: boolean
  /** `id/index`. */
  readonly #waiting = new Set<string>()

  constructor(promises: Promises, hasAllEvents: boolean) {
    this.#promises = promises
    this.#hasAllEvents = hasAllEvents
  }

  async recipients(journal: Journal): Promise<void> {
    const { recipients } = await journal.take(SAMPLE_QUEUE, plus(clock.now(), hours(1)), 10_000)
    for (const { message, address, index, attempts } of recipients) {
      const name = `${message.id}/${index}`
      const promise = this.#promises.messages.get(message.id)
      const mine = promise?.recipients[index]
      if (promise === undefined || mine === undefined) {
        this.faults.push(`${name} waits and was never submitted`)
        continue
      }
      this.#waiting.add(name)
      if (this.#promises.isSettled(mine)) this.faults.push(`${name} is tried again after its time`)
      else if (mine.settledAt !== null) this.repeated++
      if (attempts > mine.deferrals) this.faults.push(`${name} has ${attempts} attempts`)
      const body = await bodyOf(await journal.content(message.id, address))
      const hash = body && createHash('sha256').update(body).digest('hex')
      if (hash !== promise.hash) this.faults.push(`${name} has ${hash ? 'other' : 'no'} content`)
    }
    for (const [id, { isAccepted, recipients: all }] of this.#promises.messages)
      for (const [index, { finals }] of all.entries())
        if (isAccepted && finals === 0 && !this.#waiting.has(`${id}/${index}`))
          this.faults.push(`${id}/${index} is lost`)
  }

  events(events: readonly Event[]): void {
    const received = new Map<string, number>()
    const finals = new Map<string, number>()
    for (const event of events) {
      if (event.type === 'message.received') count(received, event.messageId)
      if (FINALS.includes(event.type) && 'recipientIndex' in event)
        count(finals, `${event.messageId}/${event.recipientIndex}`)
    }
    for (const [id, times] of received) {
      if (times > 1) this.faults.push(`${id} was received ${times} times`)
      const promise = this.#promises.messages.get(id)
      const isHere = promise?.recipients.some(
        ({ finals: made }, index) => made > 0 || this.#waiting.has(`${id}/${index}`),
      )
      if (!isHere) this.faults.push(`${id} was received, say the events, and is not here`)
    }
    for (const [name, times] of finals) {
      if (times > 1) this.faults.push(`${name} is final ${times} times`)
      if (this.#waiting.has(name)) this.faults.push(`${name} is final, and waits`)
    }
    if (this.#hasAllEvents) this.#missing(received, finals)
  }

  #missing(received: ReadonlyMap<string, number>, finals: ReadonlyMap<string, number>): void {
    for (const name of this.#waiting)
      if (!received.has(name.slice(0, name.indexOf('/'))))
        this.faults.push(`${name} waits, and was not received, say the events`)
    for (const [id, { isAccepted, recipients }] of this.#promises.messages)
      for (const [index] of recipients.entries()) {
        const name = `${id}/${index}`
        if (isAccepted && !this.#waiting.has(name) && !finals.has(name))
          this.faults.push(`${name} neither waits nor has a final event`)
      }
  }
}

/** All that are there. */
async function eventsOf(journal: Journal, folder: string): Promise<readonly Event[]> {
  const events: Event[] = []
  const at = timestampOf(clock.now())
  const text = 'Here the check reads up to.'
  await journal.append([{ type: 'node.tested', at, node: 'test', tenant: null, text }])
  for await (const batch of feedOf(journal, folder).read('oldest', AbortSignal.timeout(ms(10_000))))
    for (const { event } of batch.events) {
      if (event.type === 'node.tested') return events
      events.push(event)
    }
  return events
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
