// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { journalRig } from '../../../test/support/journal-rig.ts'
import { sampleDelivered } from '../../../test/support/mail-samples.ts'
import { type Submitted, submit } from '../../../test/support/spool-rig.ts'
import { ms } from '../../base/brand.ts'
import { SeededRandom } from '../../base/random.ts'
import { journalId, newMessageId } from '../../events/ids.ts'
import { type JournalFile, type JournalFiles, systemFiles } from './journal-files.ts'

/** Counts what is read of segments. */
class CountedFiles {
  octets = 0
  reads = 0

  get files(): JournalFiles {
    return {
      ...systemFiles,
      open: async (path, mode) => {
        const file = await systemFiles.open(path, mode)
        return path.includes('event-') && mode === 'read' ? this.#counted(file) : file
      },
    }
  }

  #counted(file: JournalFile): JournalFile {
    return {
      write: file.write.bind(file),
      datasync: file.datasync.bind(file),
      truncate: file.truncate.bind(file),
      size: file.size.bind(file),
      close: file.close.bind(file),
      read: async (into, position) => {
        const octets = await file.read(into, position)
        this.reads++
        this.octets += octets
        return octets
      },
    }
  }
}

/** Mail at ten a second, all delivered, in a journal of several megabytes of events. */
async function busyJournal(messages: number) {
  const counted = new CountedFiles()
  const rig = await journalRig({ files: counted.files })
  const sent: Submitted[] = []
  for (let at = 0; at < messages; at++) {
    rig.clock.advance(ms(100))
    const one = await submit(rig.spool, rig.clock.now())
    await rig.spool.record([sampleDelivered(one.recipient, rig.clock.now())])
    sent.push(one)
  }
  return { counted, rig, sent }
}

describe('How a message came in', () => {
  it('is found for each of many by a few short reads', async () => {
    const { counted, rig, sent } = await busyJournal(400)
    await using _ = rig
    counted.reads = 0
    counted.octets = 0
    for (const { message } of sent)
      assert.equal((await rig.spool.received(message.id))?.messageId, message.id)
    assert.ok(counted.reads / sent.length < 5, `${counted.reads / sent.length} reads each`)
    const octets = counted.octets / sent.length
    assert.ok(octets < 160 * 1_024, `${octets} octets each`)
  })

  it('is not looked for in hours of events where anybody could have made up the id', async () => {
    const { counted, rig, sent } = await busyJournal(300)
    await using _ = rig
    const [first, last] = [sent[0], sent.at(-1)]
    assert.ok(first && last)
    const at = first.message.receivedAt
    const madeUp = newMessageId(at, journalId(1), new SeededRandom(99))
    const read = async (isSure: boolean) => {
      counted.octets = 0
      assert.equal(await rig.spool.received(madeUp, isSure), null)
      return counted.octets
    }
    assert.ok((await read(false)) < (await read(true)))
    assert.equal((await rig.spool.received(last.message.id, false))?.messageId, last.message.id)
  })
})
