// SPDX-License-Identifier: Apache-2.0
/** What the journal keeps on the disk, and for how long; whose it is. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { days, plus } from '../../src/base/brand.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { journalId } from '../../src/events/ids.ts'
import { openJournal } from '../../src/platform/journal/open-journal.ts'
import { type JournalRig, journalOptions, journalRig, TEST_LIMITS } from '../support/journal-rig.ts'
import {
  SAMPLE_QUEUE,
  sampleBounced,
  sampleDeferred,
  sampleDelivered,
} from '../support/mail-samples.ts'
import {
  bodyOf,
  idsOf,
  KEEP_FAILED,
  RETRY_AFTER,
  readSome,
  type Submitted,
  submit,
} from '../support/spool-rig.ts'

const SMALL = {
  ...TEST_LIMITS,
  segmentOctets: 20_000,
  inlineOctets: 10_000,
}

describe('the disk of the journal', () => {
  it('is given back once everybody in a segment is final', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const sent = await many(rig, 20)
    assert.ok(count(rig, 'mail') > 3)
    await record(rig, sent, sampleDelivered)
    await many(rig, 1)
    await rig.spool.freeDisk()
    assert.equal(count(rig, 'mail'), 1)
  })

  it('is kept for what failed until its retention is over', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const sent = await many(rig, 8)
    await record(rig, sent, sampleBounced)
    await many(rig, 10)
    await rig.spool.freeDisk()
    const kept = names(rig, 'mail')
    rig.clock.advance(KEEP_FAILED)
    await rig.spool.freeDisk()
    assert.ok(!names(rig, 'mail').includes(kept[0] ?? ''))
  })

  it('holds a content file until its last recipient is final', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const recipients = ['a@example.net', 'b@example.net']
    const large = Buffer.alloc(12_000, 'x')
    const { message, recipients: both } = await submit(rig.spool, rig.clock.now(), { recipients }, [
      large,
    ])
    const [a, b] = both
    assert.ok(a && b)
    await rig.spool.record([sampleDelivered(a, rig.clock.now())])
    await rig.spool.freeDisk()
    assert.deepEqual(readdirSync(join(rig.folder, 'content')), [message.id])
    assert.deepEqual(await bodyOf(await rig.spool.content(message.id, b.address)), large)
    await rig.spool.record([sampleDelivered(b, rig.clock.now())])
    await rig.spool.freeDisk()
    assert.deepEqual(readdirSync(join(rig.folder, 'content')), [])
  })

  it('gives event segments back after their retention, and not while older mail is kept', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const waits = await many(rig, 1)
    const sent = await many(rig, 60)
    await record(rig, sent, sampleDelivered)
    await rig.spool.freeDisk()
    const before = names(rig, 'event')
    assert.ok(before.length > 3)
    rig.clock.advance(days(31))
    await rig.spool.freeDisk()
    assert.deepEqual(names(rig, 'event'), before)
    await record(rig, waits, sampleDelivered)
    await record(rig, await many(rig, 20), sampleDelivered)
    await rig.spool.freeDisk()
    assert.ok(!names(rig, 'event').includes(before[0] ?? ''))
    const [oldest] = await readSome(rig.feed, 'oldest', 1)
    assert.ok(oldest)
  })
})

describe('a mostly dead segment', () => {
  it('has its living mail copied forward, with states, and goes', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const { living, oldest } = await mostlyDead(rig)
    assert.ok(!names(rig, 'mail').includes(oldest))
    await expectLiving(rig, living)
  })

  it('leaves what failed after it was copied to be found by its id', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const { living } = await mostlyDead(rig)
    const ids = living.map(({ message }) => message.id)
    const next = plus(rig.clock.now(), RETRY_AFTER)
    const { recipients } = await rig.spool.take(SAMPLE_QUEUE, next, 100)
    await rig.spool.record(recipients.map((each) => sampleBounced(each, rig.clock.now())))
    const kept = await rig.spool.kept(ids)
    for (const { message } of living) {
      const content = await kept.get(message.id)?.content()
      assert.equal((await bodyOf(content))?.byteLength, message.size)
    }
  })

  it('is copied out of several segments in one round, which go in the next', async () => {
    await using rig = await journalRig({ limits: SMALL })
    const sent = await many(rig, 60)
    const living = sent.filter((_, at) => at % 9 === 1)
    const before = names(rig, 'mail').length
    await record(
      rig,
      sent.filter((one) => !living.includes(one)),
      sampleDelivered,
    )
    for (const { recipients } of living) rig.spool.giveBack(recipients)
    for (let round = 0; round < 2; round++) await rig.spool.freeDisk()
    assert.ok(names(rig, 'mail').length <= before - 6, `${before} ${names(rig, 'mail').length}`)
    const { recipients } = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 100)
    assert.deepEqual(
      idsOf(recipients),
      living.map(({ message }) => message.id),
    )
  })

  for (const index of ['kept', 'lost'] as const)
    it(`is not missed after a restart with the index ${index}`, async () => {
      await using rig = await journalRig({ limits: SMALL })
      const { living } = await mostlyDead(rig)
      await rig.reopen('closed')
      if (index === 'lost') rmSync(join(rig.folder, 'index.sqlite'))
      await rig.reopen('killed')
      await expectLiving(rig, living)
    })
})

describe('the owner of a journal', () => {
  it('is named to whoever opens it as well', async () => {
    await using rig = await journalRig()
    const second = openJournal(journalOptions(rig.folder, rig.clock))
    await assert.rejects(second, (thrown: Error) => {
      assert.match(thrown.message, new RegExp(`process ${process.pid} since 2026-`))
      return 'code' in thrown && thrown.code === 'RLY_DATA_DIR_IN_USE'
    })
  })

  it('holds it no longer than its process lives', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'owner-'))
    const holder = join(import.meta.dirname, '../support/journal-holder.ts')
    const child = spawn(process.execPath, [holder, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const options = journalOptions(folder, new ManualClock())
    await assert.rejects(openJournal(options), new RegExp(`process ${child.pid} since`))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await using journal = await openJournal(options)
    assert.deepEqual([...journal.waiting()].length, 1)
    rmSync(folder, { recursive: true })
  })

  it('is refused a journal of a newer format, or of another id', async () => {
    await using rig = await journalRig()
    await submit(rig.spool, rig.clock.now())
    await assert.rejects(rig.reopen('killed', { journal: journalId(2) }), /belongs to journal 1/)
    const path = join(rig.folder, names(rig, 'mail')[0] ?? '')
    const octets = readFileSync(path)
    for (const copy of [octets.subarray(0, 64), octets.subarray(64, 128)]) {
      copy.writeUInt16LE(2, 8)
      copy.writeUInt32LE(crc32(copy.subarray(0, 60)), 60)
    }
    writeFileSync(path, octets)
    await assert.rejects(openJournal(journalOptions(rig.folder, rig.clock)), {
      code: 'RLY_DATA_DIR_NEWER',
    })
  })

  it('is not opened, and not changed, where no segment has a header that can be read', async () => {
    await using rig = await journalRig()
    await submit(rig.spool, rig.clock.now())
    await rig.spool[Symbol.asyncDispose]()
    const paths = [...names(rig, 'mail'), ...names(rig, 'event')].map((name) =>
      join(rig.folder, name),
    )
    for (const path of paths) writeFileSync(path, readFileSync(path).fill(0xff, 0, 128))
    const before = paths.map((path) => readFileSync(path))
    await assert.rejects(openJournal(journalOptions(rig.folder, rig.clock)), {
      code: 'RLY_DATA_DAMAGED',
    })
    assert.deepEqual(
      paths.map((path) => readFileSync(path)),
      before,
    )
  })
})

describe('the memory of the journal', () => {
  it('does not grow with what waits: over its bound the index takes it', async () => {
    await using rig = await journalRig({ limits: { ...SMALL, dirtyRecipients: 10 } })
    const sent = await many(rig, 60)
    for (const { recipients } of sent) rig.spool.giveBack(recipients)
    const [queue] = rig.spool.waiting()
    assert.equal(queue?.waiting, 60)
    const seen: string[] = []
    for (let taken = 1; taken > 0; ) {
      const { recipients } = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 7)
      seen.push(...idsOf(recipients))
      taken = recipients.length
    }
    assert.deepEqual(
      seen,
      sent.map(({ message }) => message.id),
    )
  })
})

/** One in nine deferred, the rest delivered, and enough mail after it that the segments are closed. */
async function mostlyDead(rig: JournalRig) {
  const sent = await many(rig, 18)
  const oldest = names(rig, 'mail')[0] ?? ''
  const living = sent.filter((_, at) => at % 9 === 1)
  const next = plus(rig.clock.now(), RETRY_AFTER)
  await rig.spool.record(
    living.map(({ recipient }) => sampleDeferred(recipient, rig.clock.now(), next)),
  )
  await record(
    rig,
    sent.filter((one) => !living.includes(one)),
    sampleDelivered,
  )
  await many(rig, 1)
  for (let at = 0; at < 3; at++) await rig.spool.freeDisk()
  return { living, oldest }
}

async function expectLiving(rig: JournalRig, living: readonly Submitted[]): Promise<void> {
  rig.clock.advance(RETRY_AFTER)
  const taken = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 100)
  const tried = taken.recipients.filter(({ attempts }) => attempts > 0)
  assert.deepEqual(
    idsOf(tried),
    living.map(({ message }) => message.id),
  )
  for (const { message, address, lastAttempt } of tried) {
    assert.equal(lastAttempt?.reply.code, 450)
    assert.equal((await bodyOf(await rig.spool.content(message.id, address)))?.length, 3_000)
  }
}

async function many(rig: JournalRig, howMany: number): Promise<readonly Submitted[]> {
  const sent: Submitted[] = []
  for (let at = 0; at < howMany; at++)
    sent.push(await submit(rig.spool, rig.clock.now(), {}, [Buffer.alloc(3_000, String(at % 10))]))
  return sent
}

async function record(
  rig: JournalRig,
  sent: readonly Submitted[],
  outcome: typeof sampleDelivered | typeof sampleBounced,
): Promise<void> {
  for (const { recipient } of sent) await rig.spool.record([outcome(recipient, rig.clock.now())])
}

function names(rig: JournalRig, family: 'mail' | 'event'): readonly string[] {
  return readdirSync(rig.folder)
    .filter((name) => name.startsWith(family))
    .sort()
}

function count(rig: JournalRig, family: 'mail' | 'event'): number {
  return names(rig, family).length
}
