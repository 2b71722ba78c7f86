// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { instant } from '../../base/brand.ts'
import type { MessageId } from '../../events/ids.ts'
import type { Envelope, Recipient } from '../../protocol/envelope.ts'
import type { Domain, Mailbox } from '../../protocol/mailbox.ts'
import type { Message } from '../../spool/message.ts'
import { encodeFacts, MAIL_PREFIX_OCTETS, type MovedState, readFacts } from './mail-record.ts'

const plainRecipient: Recipient = {
  forwardPath: 'jane@example.net' as Mailbox,
  notify: null,
  originalRecipient: null,
}
const plainEnvelope: Envelope = {
  reversePath: null,
  recipients: [plainRecipient],
  body: '7BIT',
  smtputf8: false,
  ret: null,
  envid: null,
}
const plain: Message = {
  id: '06H10DC8T8002PSYS4ABWMX8AR' as MessageId,
  receivedAt: instant(1_000),
  expiresAt: instant(2_000),
  tenant: 'shop',
  stream: 'news',
  campaign: null,
  envelope: plainEnvelope,
  returnPathDomain: null,
  mayShareTransaction: false,
  reports: null,
  priority: 0,
  retryOf: null,
  size: 0,
}
/** Every field says something else than in most mail. */
const full: Message = {
  ...plain,
  campaign: 'spring',
  labels: { tags: ['a', 'b'], metadata: { order: '7' } },
  list: 'spring.shop.example',
  sandbox: true,
  envelope: {
    reversePath: 'news@shop.example' as Mailbox,
    recipients: [plainRecipient, { ...plainRecipient, notify: [], originalRecipient: 'rfc822;j' }],
    body: '8BITMIME',
    smtputf8: true,
    ret: 'HDRS',
    envid: 'x',
    requireTls: true,
    priority: -3,
    release: { at: instant(3_000), asked: 'for;2' },
  },
  returnPathDomain: 'bounce.shop.example' as Domain,
  mayShareTransaction: true,
  reports: { delayAt: null },
  priority: 9,
  retryOf: plain.id,
  size: 4_096,
}
const moved: MovedState = {
  lsn: 7,
  recipients: [{ index: 1, attempts: 2, dueAt: 5, delayAt: null, lastAttempt: null }],
}

function reread(message: Message, moved: MovedState | null) {
  const facts = Buffer.from(encodeFacts(message, moved))
  const prefix = Buffer.alloc(MAIL_PREFIX_OCTETS)
  prefix.writeUInt32LE(facts.length, 0)
  prefix.writeUInt32LE(crc32(facts), 4)
  return readFacts(Buffer.concat([prefix, facts]))
}

describe('the facts of a mail record', () => {
  it('are read as they were written, where nothing was asked for, and where everything was', () => {
    assert.deepEqual(reread(plain, null), { message: plain, moved: null })
    assert.deepEqual(reread(full, null), { message: full, moved: null })
  })

  it('keep what was moved with them', () => {
    assert.deepEqual(reread(full, moved), { message: full, moved })
  })

  it('of a message with ten recipients take little more than these', () => {
    const forwardPath = 'customer.number@mail.example.net' as Mailbox
    const recipients = Array.from({ length: 10 }, () => ({ ...plainRecipient, forwardPath }))
    const text = encodeFacts({ ...plain, envelope: { ...plainEnvelope, recipients } }, null)
    assert.ok(text.length < 10 * (forwardPath.length + 3) + 150, `${text.length}`)
  })
})
