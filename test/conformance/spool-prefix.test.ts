// SPDX-License-Identifier: Apache-2.0
/** The journal at every moment of its life: the disk is made again as it was after each single change. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ms, plus } from '../../src/base/brand.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { timestampOf } from '../../src/events/event.ts'
import { type Journal, openJournal } from '../../src/platform/journal/open-journal.ts'
import type { WaitingRecipient } from '../../src/spool/message.ts'
import { feedOf } from '../support/journal-feed.ts'
import { journalOptions, TEST_LIMITS } from '../support/journal-rig.ts'
import { SAMPLE_QUEUE, sampleDeferred, sampleDelivered } from '../support/mail-samples.ts'
import { bodyOf, CONTENT, idsOf, RETRY_AFTER, submit } from '../support/spool-rig.ts'
import { type DiskChange, replayDisk, survivors, WatchedFiles } from '../support/watched-files.ts'

/** What was answered, and after how many changes of the disk. */
interface Answer {
  readonly at: number
  readonly id: string
  readonly what: 'accepted' | 'deferred' | 'delivered'
}

const LARGE = Buffer.alloc(3_000, 'abcdefgh\r\n')
const TEST_SYNC_MS = 50
const LIMITS = {
  ...TEST_LIMITS,
  outcomeSyncMs: TEST_SYNC_MS,
  inlineOctets: 1_000,
  reserveOctets: 0,
  lowWaterOctets: 0,
  segmentOctets: 4_000,
}

const root = mkdtempSync(join(tmpdir(), 'prefix-'))
const clock = new ManualClock()
const contents = new Map<string, Buffer>()
const answers: Answer[] = []
let changes: readonly DiskChange[] = []

before(async () => {
  const files = new WatchedFiles(join(root, 'run'))
  const options = { ...journalOptions(join(root, 'run'), clock), limits: LIMITS, files }
  await using journal = await openJournal(options)
  const answer = (id: string, what: Answer['what']) =>
    answers.push({ at: files.changes.length, id, what })
  await Promise.all([CONTENT, LARGE, CONTENT].map((body) => live(journal, body, answer)))
  await live(journal, CONTENT, answer)
  changes = [...files.changes]
})

after(() => rmSync(root, { recursive: true }))

async function live(
  journal: Journal,
  body: Buffer,
  answer: (id: string, what: Answer['what']) => void,
): Promise<void> {
  const recipients = ['a@example.net', 'b@example.net']
  const sent = await submit(journal, clock.now(), { recipients }, [body])
  const [a, b] = sent.recipients
  assert.ok(a && b)
  contents.set(a.message.id, body)
  answer(a.message.id, 'accepted')
  await journal.record([sampleDeferred(a, clock.now(), plus(clock.now(), RETRY_AFTER))])
  answer(a.message.id, 'deferred')
  await journal.record([sampleDelivered(b, clock.now())])
  answer(a.message.id, 'delivered')
}

describe('the journal after a crash at any moment', () => {
  it('has all that was answered and nothing else after every single change of the disk', async () => {
    assert.ok(changes.length > 30, `${changes.length} changes`)
    for (let count = 0; count <= changes.length; count++)
      await check(changes.slice(0, count), given(count), `after ${count} changes`)
  })

  it('gets past a write of which only a part was done', async () => {
    for (const [at, change] of changes.entries()) {
      if (change.kind !== 'write') continue
      const cut = { ...change, octets: change.octets.subarray(0, change.octets.length >> 1) }
      await check([...changes.slice(0, at), cut], given(at), `in the middle of change ${at}`)
    }
  })

  for (const spared of ['nothing', 'mail', 'event'])
    it(`has all that was accepted when the power goes and what is unsynced, ${spared} spared`, async () => {
      for (let count = 0; count <= changes.length; count++) {
        const accepted = given(count).filter(({ what }) => what === 'accepted')
        const left = survivors(changes.slice(0, count), (path) => path.startsWith(spared))
        await check(left, accepted, `power lost after ${count}`)
      }
    })
})

function given(count: number): readonly Answer[] {
  return answers.filter(({ at }) => at <= count)
}

let folders = 0

async function check(
  disk: readonly DiskChange[],
  answered: readonly Answer[],
  when: string,
): Promise<void> {
  const folder = join(root, `disk-${++folders}`)
  replayDisk([{ kind: 'make', path: 'content/.keep' }, ...disk], folder)
  await using journal = await openJournal({ ...journalOptions(folder, clock), limits: LIMITS })
  const due = plus(clock.now(), RETRY_AFTER)
  const { recipients } = await journal.take(SAMPLE_QUEUE, due, 100)
  const here = [...new Set(idsOf(recipients))].sort()
  assert.deepEqual(
    [...(await received(journal, folder))].sort(),
    here,
    `${when}: received and here`,
  )
  for (const answer of answered) await checkAnswer(journal, recipients, answer, when)
  for (const { message, address, index, attempts } of recipients) {
    const body = await bodyOf(await journal.content(message.id, address))
    const known = contents.get(message.id)
    if (known) assert.deepEqual(body, known, `${when}: content`)
    assert.ok(index === 0 || attempts === 0, `${when}: attempts`)
    const types = (await journal.trace(message.id)).map(({ type }) => type)
    assert.equal(types.filter((type) => type === 'message.received').length, 1, `${when}: received`)
  }
  rmSync(folder, { recursive: true })
}

/** Messages that the event log says were received. Recipient 0 of each still waits, so each is here. */
async function received(journal: Journal, folder: string): Promise<readonly string[]> {
  const ids: string[] = []
  const at = timestampOf(clock.now())
  const text = 'Here the test reads up to.'
  await journal.append([{ type: 'node.tested', at, node: 'test', tenant: null, text }])
  const reading = feedOf(journal, folder).read('oldest', new AbortController().signal)
  clock.advance(ms(TEST_SYNC_MS))
  for await (const { events } of reading)
    for (const { event } of events) {
      if (event.type === 'node.tested') return ids
      if (event.type === 'message.received') ids.push(event.messageId)
    }
  return ids
}

async function checkAnswer(
  journal: Journal,
  recipients: readonly WaitingRecipient[],
  { id, what }: Answer,
  when: string,
): Promise<void> {
  const mine = recipients.filter(({ message }) => message.id === id)
  const types = (await journal.trace(id as never)).map(({ type }) => type)
  assert.ok(types.includes('message.received'), `${when}: ${id} was received`)
  assert.ok(
    mine.some(({ index }) => index === 0),
    `${when}: ${id} waits`,
  )
  if (what === 'accepted') return
  assert.ok(types.includes(`message.${what}`), `${when}: ${id} was ${what}`)
  if (what === 'deferred') assert.equal(mine.find(({ index }) => index === 0)?.attempts, 1, when)
  else assert.ok(!mine.some(({ index }) => index === 1), `${when}: ${id} is final for b`)
}
