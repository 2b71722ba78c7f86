// SPDX-License-Identifier: Apache-2.0
/**
 * The journal over an index that says what is not so. It is derived: nobody is lost with it, and nobody's mail goes the way
 * of another. Where the damage is found the process is asked to end, and the next one makes the index anew.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { type JournalRig, journalRig } from '../support/journal-rig.ts'
import { keptLog } from '../support/kept-log.ts'
import { SAMPLE_QUEUE } from '../support/mail-samples.ts'
import { bodyOf, CONTENT, idsOf, submit } from '../support/spool-rig.ts'

const LARGE = Buffer.alloc(600_000, 'abcdefgh\r\n')
const PAGE = 4_096

describe('content that the index has lost', () => {
  it('is kept, and sent, where a mail record names it', async () => {
    await using rig = await journalRig()
    const { message } = await submit(rig.spool, rig.clock.now(), {}, [LARGE])
    await rig.spool[Symbol.asyncDispose]()
    change(rig, 'delete from file')
    await rig.reopen('killed')
    await rig.spool.freeDisk()
    const { recipients } = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(idsOf(recipients), [message.id])
    const [recipient] = recipients
    assert.ok(recipient)
    const content = await rig.spool.content(message.id, recipient.address)
    assert.deepEqual(await bodyOf(content), LARGE)
  })

  it('is deleted where no record names it, unless the record that did may be damaged', async () => {
    await using rig = await journalRig()
    await submit(rig.spool, rig.clock.now())
    const second = await submit(rig.spool, rig.clock.now())
    await submit(rig.spool, rig.clock.now())
    await rig.spool[Symbol.asyncDispose]()
    const orphan = join('content', rig.spool.newId())
    writeFileSync(join(rig.folder, orphan), 'of a message that was never accepted')
    writeFileSync(join(rig.folder, 'content', '7.draft'), 'half of one')
    await rig.reopen('killed')
    await rig.spool.freeDisk()
    assert.deepEqual(readdirSync(join(rig.folder, 'content')), [])
    await rig.spool[Symbol.asyncDispose]()
    writeFileSync(join(rig.folder, orphan), 'of a message that may have been accepted')
    flipIn(rig, second.message.id)
    await rig.reopen('killed')
    await rig.spool.freeDisk()
    assert.ok(existsSync(join(rig.folder, orphan)))
  })
})

describe('an index that says what is not so', () => {
  for (const [what, sql] of [
    ['a place where another message is', 'update mail set offset = (select min(offset) from mail)'],
    ['a place where nothing is', 'update mail set offset = offset + 8'],
    ['a segment that is not there', 'update mail set segment = segment + 1'],
    ['a message that it has lost', 'delete from mail'],
    ['a recipient that the message does not have', 'update recipient set number = number + 7'],
    ['a wrong queue', "update queue set name = replace(name, 'example.org', 'example.net')"],
  ] as const)
    it(`is thrown away where a row names ${what}, and nobody is lost or sent astray`, async () => {
      const { rig, ends, lines } = await endingRig()
      await using _rig = rig
      const sent = [
        await submit(rig.spool, rig.clock.now(), { recipients: ['a@example.org'] }),
        await submit(rig.spool, rig.clock.now(), { recipients: ['b@example.org'] }),
      ]
      await rig.spool[Symbol.asyncDispose]()
      change(rig, sql)
      await rig.reopen('killed')
      await assert.rejects(takeAll(rig), { name: 'IndexDamaged' })
      assert.equal(ends.length, 1)
      assert.deepEqual(
        lines.filter(({ level }) => level === 'error').map(({ text }) => text),
        ['the index is damaged: the process ends, and the next start makes it anew'],
      )
      await rig.reopen('killed')
      const recipients = await takeAll(rig)
      assert.deepEqual(
        idsOf(recipients),
        sent.map(({ message }) => message.id),
      )
      for (const { message, address } of recipients)
        assert.deepEqual(await bodyOf(await rig.spool.content(message.id, address)), CONTENT)
    })

  it('frees no segment that counts nobody and has rows', async () => {
    const { rig, ends } = await endingRig({ segmentOctets: 1_000 })
    await using _rig = rig
    const sent = []
    for (let at = 0; at < 5; at++) sent.push(await submit(rig.spool, rig.clock.now()))
    await rig.spool[Symbol.asyncDispose]()
    change(rig, 'update segment set recipients = 0, octets = 0')
    await rig.reopen('killed')
    await assert.rejects(rig.spool.freeDisk(), { name: 'IndexDamaged' })
    assert.equal(ends.length, 1)
    await rig.reopen('killed')
    const { recipients } = await rig.spool.take(SAMPLE_QUEUE, rig.clock.now(), 10)
    assert.deepEqual(
      idsOf(recipients),
      sent.map(({ message }) => message.id),
    )
  })
})

describe('an index of which a page is garbage', () => {
  it('loses nobody, whichever page it is', async () => {
    const { rig, ends } = await endingRig()
    await using _rig = rig
    const recipients = Array.from({ length: 200 }, (_, at) => `${at}@example.net`)
    for (let at = 0; at < 5; at++) await submit(rig.spool, rig.clock.now(), { recipients })
    await rig.spool[Symbol.asyncDispose]()
    const whole = readFileSync(join(rig.folder, 'index.sqlite'))
    const pages = whole.length / PAGE
    assert.ok(pages > 10, `${pages} pages`)
    let ended = 0
    for (let page = 0; page < pages; page++) {
      const octets = Buffer.from(whole)
      octets.fill(0xa5, page * PAGE, (page + 1) * PAGE)
      for (const suffix of ['-wal', '-shm'])
        writeFileSync(join(rig.folder, `index.sqlite${suffix}`), '')
      writeFileSync(join(rig.folder, 'index.sqlite'), octets)
      await rig.reopen('killed')
      const before = ends.length
      const found = await takeAll(rig).catch(() => null)
      if (ends.length > before) {
        ended++
        await rig.reopen('killed')
      }
      const all = ends.length > before ? await takeAll(rig) : found
      assert.equal(all?.length, 1_000, `page ${page}`)
      await rig.spool[Symbol.asyncDispose]()
    }
    assert.ok(ended > 0, 'some damage is found while it runs')
  })
})

/** Its journals ask their process to end by adding to `ends`. */
async function endingRig(limits: Partial<{ segmentOctets: number }> = {}) {
  const { log, lines } = keptLog()
  const ends: number[] = []
  const base = { reserveOctets: 0, lowWaterOctets: 0, viewPauseMs: 0, ...limits }
  const rig = await journalRig({ log, onFatal: () => ends.push(1), limits: base })
  return { rig, ends, lines }
}

async function takeAll({ spool, clock }: JournalRig) {
  const all = []
  for (const { queue } of spool.waiting())
    all.push(...(await spool.take(queue, clock.now(), 10_000)).recipients)
  return all
}

/** Behind the journal's back. */
function change(rig: JournalRig, sql: string): void {
  const database = new DatabaseSync(join(rig.folder, 'index.sqlite'))
  database.exec(sql)
  database.close()
}

function flipIn(rig: JournalRig, text: string): void {
  const name = readdirSync(rig.folder).find((one) => one.startsWith('mail-')) ?? ''
  const octets = readFileSync(join(rig.folder, name))
  const at = octets.indexOf(text)
  octets[at] = (octets[at] ?? 0) ^ 0x10
  writeFileSync(join(rig.folder, name), octets)
}
