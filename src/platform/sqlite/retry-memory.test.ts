// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type JournalRig, journalRig } from '../../../test/support/journal-rig.ts'
import { sampleBounced, sampleMessage, sampleReceived } from '../../../test/support/mail-samples.ts'
import { bodyOf, CONTENT, KEEP_FAILED, SIGNATURE, submit } from '../../../test/support/spool-rig.ts'
import type { Acceptor } from '../../accept/acceptor.ts'
import { silentLog } from '../../base/log.ts'
import {
  type FailedRecipient,
  RetriedMail,
  type RetriedMailContext,
} from '../../control/recovery/retried-mail.ts'
import { noRetries } from '../../control/recovery/retry-counts.ts'
import { timestampOf } from '../../events/event.ts'
import type { MessageId } from '../../events/ids.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import type { Decisive } from '../../records/suppressions/suppression.ts'
import type { Message } from '../../spool/message.ts'
import { SqliteRetryMemory } from './retry-memory.ts'

/** A journal with mail that failed, and an acceptor that takes mail into it as the relay's does. */
class Rig implements AsyncDisposable {
  readonly journal: JournalRig
  readonly memory: SqliteRetryMemory
  readonly taken: Message[] = []
  readonly suppressed = new Set<string>()
  /** Since the look, and before the mail was taken. */
  readonly suppressedNow = new Set<string>()
  /** The next answer to content; `null` takes it. */
  refusal: Reply | null = null

  static async open(): Promise<Rig> {
    return new Rig(await journalRig())
  }

  private constructor(journal: JournalRig) {
    this.journal = journal
    this.memory = SqliteRetryMemory.open(journal.folder, journal.clock)
  }

  async failed(...recipients: readonly string[]): Promise<readonly FailedRecipient[]> {
    const { clock, spool } = this.journal
    const sent = await submit(spool, clock.now(), { recipients })
    await spool.record(sent.recipients.map((each) => sampleBounced(each, clock.now())))
    const failedAt = timestampOf(clock.now())
    const { id: messageId } = sent.message
    return recipients.map((_, recipientIndex) => ({ messageId, recipientIndex, failedAt }))
  }

  /** As what the timeline of the message says that it was sent again. */
  async retriedAs([first]: readonly FailedRecipient[]): Promise<readonly string[]> {
    assert.ok(first)
    const events = await this.journal.spool.trace(first.messageId)
    return events.flatMap((event) => (event.type === 'message.retried' ? [event.retriedAs] : []))
  }

  /** As a process that has just begun has it. */
  retrier(change: Partial<RetriedMailContext> = {}): RetriedMail {
    const { clock, spool } = this.journal
    return new RetriedMail({
      ...{ node: 'test', clock, log: silentLog, spool, events: spool, memory: this.memory },
      acceptor: this.#acceptor(),
      suppressions: { find: (_, recipient) => this.#suppressionOf(recipient) },
      directory: () => ({ stream: () => ({}) }) as never,
      keptFor: () => KEEP_FAILED,
      ...change,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.memory[Symbol.dispose]()
    await this.journal[Symbol.asyncDispose]()
  }

  #suppressionOf(recipient: string): Promise<Decisive | null> | null {
    return this.suppressed.has(recipient) ? Promise.resolve({ id: 1 } as unknown as Decisive) : null
  }

  #acceptor(): Pick<Acceptor, 'begin'> {
    const { clock, spool } = this.journal
    return {
      begin: (_submitter, envelope, _provenance, labelling) => {
        const chunks: Uint8Array[] = []
        return {
          write: (chunk) => void chunks.push(chunk),
          abort: () => {},
          finish: async () => {
            const { refusal } = this
            if (refusal !== null)
              return { kind: 'refused', reply: refusal, check: null, until: null }
            const repeats = labelling?.repeats
            assert.ok(repeats)
            const { id, retryOf } = repeats
            const content = Buffer.concat(chunks)
            const fields = { envelope, retryOf, size: content.byteLength }
            const message = { ...sampleMessage(id, clock.now()), ...fields }
            const draft = spool.begin()
            await draft.write(content)
            await draft.commit(message, SIGNATURE, sampleReceived(message))
            this.taken.push(message)
            const suppressed = addresses(message)?.filter((each) => this.suppressedNow.has(each))
            const found = { id: 1 } as unknown as Decisive
            return {
              kind: 'accepted',
              id,
              suppressed: (suppressed ?? []).map((recipient) => ({
                recipient,
                suppression: found,
              })),
            }
          },
        }
      },
    }
  }
}

const now = { isTrial: false, by: 'local' }
const addresses = (message: Message | undefined) =>
  message?.envelope.recipients.map(({ forwardPath }) => forwardPath)

/** Ends a process at that step. */
function killed(): never {
  throw new Error('killed')
}

describe('Mail that failed', () => {
  it('is sent again once, as a new message with the content that is kept', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net', 'bob@example.net')
    const retrier = rig.retrier()
    assert.deepEqual(await retrier.retry(failed, { ...now, isTrial: true }), {
      ...noRetries,
      sent: 2,
    })
    assert.equal(rig.taken.length, 0, 'a trial sends nothing')
    assert.deepEqual(await retrier.retry([...failed, ...failed], now), { ...noRetries, sent: 2 })
    const [again] = rig.taken
    assert.ok(again)
    assert.deepEqual(addresses(again), ['ada@example.net', 'bob@example.net'])
    assert.equal(again.retryOf, failed[0]?.messageId)
    const kept = (await rig.journal.spool.kept([again.id])).get(again.id)
    assert.deepEqual(await bodyOf(await kept?.content()), CONTENT)
    for (const after of [retrier, rig.retrier()])
      assert.deepEqual(await after.retry(failed, now), { ...noRetries, already: 2 })
    assert.equal(rig.taken.length, 1)
  })

  it('is in the timeline of the message that failed', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net')
    await rig.retrier().retry(failed, now)
    const [{ messageId }] = failed as [FailedRecipient]
    const events = await rig.journal.spool.trace(messageId)
    const told = events.flatMap((event) => (event.type === 'message.retried' ? [event] : []))
    assert.deepEqual(
      told.map(({ by, recipient, retriedAs }) => [by, recipient, retriedAs]),
      [['local', 'ada@example.net', rig.taken[0]?.id]],
    )
  })

  it('is not sent twice where a crash came after it was taken, and not forgotten where it came before', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net')
    const { memory, journal } = rig
    const claims = {
      look: memory.look.bind(memory),
      confirm: memory.confirm.bind(memory),
      release: memory.release.bind(memory),
    }
    const before = rig.retrier({
      memory: {
        ...claims,
        claim: (all) => {
          memory.claim(all)
          killed()
        },
      },
    })
    await assert.rejects(before.retry(failed, now), /killed/)
    assert.equal(rig.taken.length, 0)
    const { spool } = journal
    const events = { append: async () => killed(), received: spool.received.bind(spool) }
    await assert.rejects(rig.retrier({ events }).retry(failed, now), /killed/)
    assert.equal(rig.taken.length, 1)
    for (let again = 0; again < 2; again++)
      assert.deepEqual(await rig.retrier().retry(failed, now), { ...noRetries, already: 1 })
    assert.equal(rig.taken.length, 1)
    assert.deepEqual(await rig.retriedAs(failed), [rig.taken[0]?.id], 'and its event is there once')
  })

  it('that was suppressed while it came in was not sent again, and says no such thing', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net', 'bob@example.net')
    rig.suppressedNow.add('ada@example.net')
    const counts = await rig.retrier().retry(failed, now)
    assert.deepEqual(counts, { ...noRetries, sent: 1, suppressed: 1 })
    assert.deepEqual(await rig.retriedAs(failed), [rig.taken[0]?.id])
    rig.suppressedNow.clear()
    const later = await rig.retrier().retry(failed, now)
    assert.deepEqual(later, { ...noRetries, already: 1, sent: 1 }, 'it is allowed again')
  })

  it('never goes to who is suppressed meanwhile', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net', 'bob@example.net')
    rig.suppressed.add('ada@example.net')
    const counts = await rig.retrier().retry(failed, now)
    assert.deepEqual(counts, { ...noRetries, sent: 1, suppressed: 1 })
    assert.deepEqual(addresses(rig.taken[0]), ['bob@example.net'])
  })

  it('is not sent where it cannot be known who is suppressed, and is later', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net')
    const away = { find: () => Promise.reject(new Error('the store is away')) }
    const counts = await rig.retrier({ suppressions: away }).retry(failed, now)
    assert.deepEqual(counts, { ...noRetries, later: 1 })
    assert.deepEqual(await rig.retrier().retry(failed, now), { ...noRetries, sent: 1 })
  })

  it('is counted as gone once its content is kept no longer', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net')
    rig.journal.clock.advance(KEEP_FAILED)
    assert.deepEqual(await rig.retrier().retry(failed, now), { ...noRetries, gone: 1 })
  })

  it('that is refused or put off says why, and may be sent when that is mended', async () => {
    await using rig = await Rig.open()
    const failed = await rig.failed('ada@example.net')
    rig.refusal = reply(550, '5.7.1', 'From domain shop.example is not set up for this account')
    const { reasons, refused } = await rig.retrier().retry(failed, now)
    assert.deepEqual(
      [refused, reasons],
      [1, ['550 5.7.1 From domain shop.example is not set up for this account']],
    )
    rig.refusal = reply(452, '4.7.1', 'Quota reached')
    assert.equal((await rig.retrier().retry(failed, now)).later, 1)
    rig.refusal = null
    assert.deepEqual(await rig.retrier().retry(failed, now), { ...noRetries, sent: 1 })
  })

  it('is not sent again where it was a report or an automatic answer', async () => {
    await using rig = await Rig.open()
    const { clock, spool } = rig.journal
    const message = sampleMessage(spool.newId(), clock.now())
    const envelope = { ...message.envelope, reversePath: null }
    const { message: sent, recipient } = await submit(spool, clock.now(), { envelope })
    await spool.record([sampleBounced(recipient, clock.now())])
    const failedAt = timestampOf(clock.now())
    const failed = [{ messageId: sent.id, recipientIndex: 0, failedAt }]
    assert.equal((await rig.retrier().retry(failed, now)).refused, 1)
  })

  it('of another worker is not counted', async () => {
    await using rig = await Rig.open()
    const foreign = '00000000000000000000000000' as MessageId
    const failedAt = timestampOf(rig.journal.clock.now())
    const failed = [{ messageId: foreign, recipientIndex: 0, failedAt }]
    assert.deepEqual(await rig.retrier().retry(failed, now), noRetries)
  })
})
