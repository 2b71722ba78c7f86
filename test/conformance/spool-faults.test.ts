// SPDX-License-Identifier: Apache-2.0
/** The journal on a disk that is full, or rots. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { seconds } from '../../src/base/brand.ts'
import { journalRig, TEST_LIMITS, turnUntil, watchedRig } from '../support/journal-rig.ts'
import { SAMPLE_QUEUE, sampleDelivered } from '../support/mail-samples.ts'
import { bodyOf, CONTENT, idsOf, readSome, submit } from '../support/spool-rig.ts'
import { failing, noFault, systemError } from '../support/watched-files.ts'

describe('the journal on a full disk', () => {
  it('refuses mail, says so, and takes it again when there is room', async () => {
    await using rig = await watchedRig()
    const before = await submit(rig.spool, rig.clock.now())
    rig.files.fault = failing('ENOSPC', 'write', 'mail')
    await assert.rejects(submit(rig.spool, rig.clock.now()), { code: 'RLY_SPOOL_FULL' })
    const health = rig.spool.health()
    assert.equal(health.kind, 'shedding')
    assert.equal('publicText' in health && health.publicText, 'Insufficient system storage')
    assert.throws(() => rig.spool.begin(), { code: 'RLY_SPOOL_FULL' })
    rig.files.fault = noFault
    await turnUntil(rig, () => rig.spool.health().kind === 'ok')
    const after = await submit(rig.spool, rig.clock.now())
    const spool = await rig.reopen('killed')
    const taken = await spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(taken.recipients), [before.message.id, after.message.id])
  })

  it('writes over what a short write left, and never has refused mail back', async () => {
    await using rig = await watchedRig()
    let writes = 0
    rig.files.fault = (change) => {
      if (change.kind !== 'write' || !change.path.startsWith('mail') || change.at === 0) return
      if (++writes > 1) throw systemError('ENOSPC')
      return change.octets.length - 8
    }
    await assert.rejects(submit(rig.spool, rig.clock.now()), { code: 'RLY_SPOOL_FULL' })
    rig.files.fault = noFault
    assert.deepEqual([...(await rig.reopen('killed')).waiting()], [])
    const { message } = await submit(rig.spool, rig.clock.now())
    const taken = await (await rig.reopen('killed')).take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(taken.recipients), [message.id])
  })

  it('sheds below the low-water mark before anything fails', async () => {
    await using rig = await journalRig({ limits: { ...TEST_LIMITS, lowWaterOctets: 2 ** 60 } })
    assert.equal(rig.spool.health().kind, 'shedding')
    assert.throws(() => rig.spool.begin(), { code: 'RLY_SPOOL_FULL' })
  })

  it('records outcomes in the room that its reserve gives back', async () => {
    await using rig = await watchedRig()
    const { recipient } = await submit(rig.spool, rig.clock.now())
    let isFull = true
    rig.files.fault = (change) => {
      if (change.kind === 'unlink' && change.path === 'reserve') isFull = false
      if (change.kind === 'write' && isFull) throw systemError('ENOSPC')
      return undefined
    }
    await rig.spool.record([sampleDelivered(recipient, rig.clock.now())])
    assert.equal(isFull, false)
    assert.equal(rig.spool.health().kind, 'shedding')
    assert.deepEqual([...(await rig.reopen('killed')).waiting()], [])
  })

  it('holds outcomes back where there is no room at all, and loses none', async () => {
    await using rig = await watchedRig()
    const { message, recipient } = await submit(rig.spool, rig.clock.now())
    rig.files.fault = failing('ENOSPC', 'write', 'event')
    let isWritten = false
    const recording = rig.spool.record([sampleDelivered(recipient, rig.clock.now())]).then(() => {
      isWritten = true
    })
    await rig.files.quiet()
    assert.equal(isWritten, false)
    rig.files.fault = noFault
    await turnUntil(rig, () => isWritten)
    await recording
    const types = (await rig.spool.trace(message.id)).map(({ type }) => type)
    assert.deepEqual(types, ['message.received', 'message.delivered'])
  })

  it('refuses large content that does not fit, and leaves none of it behind', async () => {
    await using rig = await watchedRig()
    rig.files.fault = failing('ENOSPC', 'write', 'content')
    const sending = submit(rig.spool, rig.clock.now(), {}, [Buffer.alloc(600_000)])
    await assert.rejects(sending, { code: 'RLY_SPOOL_FULL' })
    assert.deepEqual(readdirSync(join(rig.folder, 'content')), [])
  })
})

describe('the journal on a rotten disk', () => {
  for (const where of ['header', 'payload'] as const)
    it(`loses one message to a damaged ${where}, sets it aside, and says so`, async () => {
      await using rig = await journalRig()
      const sent = []
      for (let at = 0; at < 3; at++) sent.push(await submit(rig.spool, rig.clock.now()))
      await rig.reopen('closed')
      damage(rig.folder, 'mail-', sent[1]?.message.id ?? '', where)
      rmSync(join(rig.folder, 'index.sqlite'))
      const spool = await rig.reopen('killed')
      const taken = await spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
      assert.deepEqual(
        idsOf(taken.recipients),
        [sent[0], sent[2]].map((one) => one?.message.id),
      )
      const aside = readdirSync(join(rig.folder, 'corrupt'))
      assert.equal(aside.length, 2)
      assert.match(readFileSync(join(rig.folder, 'corrupt', aside[1] ?? ''), 'utf8'), /damaged/)
      const events = await readSome(rig.feed, 'oldest', 4)
      assert.equal(events[3]?.event.type, 'spool.corrupt')
      await rig.reopen('killed')
    })

  it('holds a recipient whose record rotted while it waited, and says so', async () => {
    await using rig = await journalRig()
    const rotten = await submit(rig.spool, rig.clock.now())
    const other = await submit(rig.spool, rig.clock.now())
    await rig.reopen('closed')
    damage(rig.folder, 'mail-', rotten.message.id, 'payload')
    const taken = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(taken.recipients), [other.message.id])
    rig.clock.advance(seconds(10))
    const events = await readSome(rig.feed, 'oldest', 3)
    assert.equal(events[2]?.event.type, 'spool.corrupt')
    assert.deepEqual(
      [...rig.spool.waiting()].map(({ waiting }) => waiting),
      [1],
    )
    assert.deepEqual(
      (await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)).recipients.map(
        ({ index }) => index,
      ),
      [],
    )
  })

  it('has no content rather than wrong content', async () => {
    await using rig = await journalRig()
    const body = Buffer.from('Subject: rot\r\n\r\nSomething that nobody else says.\r\n')
    await submit(rig.spool, rig.clock.now(), {}, [body])
    await rig.reopen('closed')
    damage(rig.folder, 'mail-', 'Something that nobody', 'payload')
    const { message, address } = only(await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10))
    assert.equal((await rig.spool.content(message.id, address)).kind, 'damaged')
  })

  for (const [what, octets] of [
    ['damaged', 'no database, only text'.repeat(50)],
    ['empty', ''],
  ] as const)
    it(`makes an index anew that is ${what}`, async () => {
      await using rig = await journalRig()
      const { message } = await submit(rig.spool, rig.clock.now())
      const other = await submit(rig.spool, rig.clock.now())
      await rig.spool.record([sampleDelivered(other.recipient, rig.clock.now())])
      await rig.spool[Symbol.asyncDispose]()
      writeFileSync(join(rig.folder, 'index.sqlite'), octets)
      const spool = await rig.reopen('killed')
      const taken = await spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
      assert.deepEqual(idsOf(taken.recipients), [message.id])
    })

  it('makes an index anew that is ahead of the journal', async () => {
    await using rig = await journalRig()
    const first = await submit(rig.spool, rig.clock.now())
    const { folder } = rig
    const saved = segmentsOf(folder).map(
      (name) => [name, readFileSync(join(folder, name))] as const,
    )
    await submit(rig.spool, rig.clock.now())
    await rig.spool[Symbol.asyncDispose]()
    for (const [name, octets] of saved) writeFileSync(join(folder, name), octets)
    const spool = await rig.reopen('killed')
    const taken = await spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(taken.recipients), [first.message.id])
    assert.deepEqual(
      await bodyOf(await spool.content(first.message.id, only(taken).address)),
      CONTENT,
    )
  })
})

function segmentsOf(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.seg'))
}

/** Flips one octet of the record that has `text` in its payload. */
function damage(folder: string, prefix: string, text: string, where: 'header' | 'payload'): void {
  const name = segmentsOf(folder).find((one) => one.startsWith(prefix)) ?? ''
  const octets = readFileSync(join(folder, name))
  const found = octets.indexOf(text)
  const header = octets.lastIndexOf(Buffer.from([0xd5, 0x8a, 0x50, 0x48]), found)
  const at = where === 'header' ? header + 9 : found + 2
  octets[at] = (octets[at] ?? 0) ^ 0x10
  writeFileSync(join(folder, name), octets)
}

function only<T>(taken: { readonly recipients: readonly T[] }): T {
  const [one] = taken.recipients
  assert.ok(one)
  return one
}
