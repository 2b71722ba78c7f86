// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { journalRig } from '../../../test/support/journal-rig.ts'
import { sampleDelivered } from '../../../test/support/mail-samples.ts'
import { type Submitted, submit } from '../../../test/support/spool-rig.ts'
import { seconds } from '../../base/brand.ts'
import { SeededRandom } from '../../base/random.ts'
import { timestampOf } from '../../events/event.ts'
import { journalId, newMessageId } from '../../events/ids.ts'
import { type JournalFile, type JournalFiles, systemFiles } from './journal-files.ts'

/** Counts what is read of segments. */
class CountedFiles {
  octets = 0
  reads = 0
  /** Reads that get something else than what is in the file now. */
  outdated = 0

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
        if (this.outdated > 0 && into.length > 16_384) {
          this.outdated--
          into.fill(0)
        }
        return octets
      },
    }
  }
}

/** Ten events a second of a kilobyte, and now and then a message that is delivered at once: megabytes of them. */
async function busyJournal() {
  const counted = new CountedFiles()
  const rig = await journalRig({ files: counted.files })
  const sent: Submitted[] = []
  const other = {
    type: 'node.tested',
    node: 'test',
    tenant: null,
    text: 'x'.repeat(1_000),
  } as const
  for (let message = 0; message < 50; message++) {
    const begun = rig.clock.now()
    const events = Array.from({ length: 60 }, (_, at) => ({
      ...other,
      at: timestampOf(begun + at * 100),
    }))
    await rig.spool.append(events)
    rig.clock.advance(seconds(6))
    const one = await submit(rig.spool, rig.clock.now())
    await rig.spool.record([sampleDelivered(one.recipient, rig.clock.now())])
    sent.push(one)
  }
  return { counted, rig, sent }
}

describe('How a message came in', () => {
  it('is found for each of many by a few short reads', async () => {
    const { counted, rig, sent } = await busyJournal()
    await using _ = rig
    const look = async () => {
      counted.reads = 0
      counted.octets = 0
      for (const { message } of sent)
        assert.equal((await rig.spool.received(message.id))?.messageId, message.id)
      return { reads: counted.reads / sent.length, octets: counted.octets / sent.length }
    }
    const first = await look()
    assert.ok(first.reads < 8 && first.octets < 200 * 1_024, JSON.stringify(first))
    const later = await look()
    assert.ok(later.reads <= 2, `${later.reads} reads, where it is known what lies near`)
  })

  it('is found in the file where what was read before is not what is there', async () => {
    const { counted, rig, sent } = await busyJournal()
    await using _ = rig
    const [message] = sent.slice(20).map((one) => one.message)
    assert.ok(message)
    counted.outdated = 2
    assert.equal((await rig.spool.received(message.id))?.messageId, message.id)
    assert.equal(counted.outdated, 0)
    assert.equal((await rig.spool.received(message.id, false))?.messageId, message.id)
  })

  it('is not looked for in hours of events where anybody could have made up the id', async () => {
    const { counted, rig, sent } = await busyJournal()
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
    const [unsure, sure] = [await read(false), await read(true)]
    assert.ok(unsure < 800 * 1_024 && sure > 2_500 * 1_024, `${unsure} and ${sure} octets`)
    assert.equal((await rig.spool.received(last.message.id, false))?.messageId, last.message.id)
  })
})
