// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../src/base/brand.ts'
import { writeReport } from '../../src/protocol/dsn/report.ts'
import { parseMailbox } from '../../src/protocol/mailbox.ts'
import { reply } from '../../src/protocol/reply.ts'
import { verifySignatures } from '../support/mailauth-verifier.ts'
import { signMessage } from '../support/signed-message.ts'
import { trickyMessages } from '../support/tricky-messages.ts'

const reversePath = parseMailbox('shop@example.com')
const forwardPath = parseMailbox('jané@example.net')
assert.ok(reversePath && forwardPath)

describe('A failure report', () => {
  it('goes through the content stage like all mail, whatever it returns', async () => {
    for (const [what, octets] of trickyMessages)
      for (const smtputf8 of [false, true]) {
        const report = writeReport({
          hostname: 'example.com',
          from: 'postmaster@example.com',
          now: instant(Date.UTC(2026, 0, 5, 13)),
          arrivedAt: instant(Date.UTC(2026, 0, 5, 12)),
          messageId: '01JZ0000000000000000000000',
          reversePath,
          envelope: { envid: null, ret: 'FULL', smtputf8 },
          recipients: [
            {
              recipient: {
                forwardPath: smtputf8 ? forwardPath : reversePath,
                notify: null,
                originalRecipient: null,
              },
              reply: reply(550, '5.1.1', 'No such user'),
              said: 'peer',
              remoteMta: 'mx.example.net',
              fate: { kind: 'bounced' },
              lastAttemptAt: null,
            },
          ],
          original: { octets, isComplete: true },
        })
        const message = await signMessage([report.content], { smtputf8: report.smtputf8 })
        assert.ok(message.kind === 'signed', what)
        // Nothing that was accepted has one.
        if (what !== 'a very long line') assert.ok(message.content.includes(octets), what)
        assert.equal(message.facts.from, 'postmaster@example.com')
        const { is8BitBody, is8BitHeader } = message.facts
        assert.equal(report.smtputf8, smtputf8)
        assert.ok(!is8BitHeader && (!is8BitBody || report.body === '8BITMIME'))
        assert.deepEqual(await verifySignatures(message.octets), ['pass', 'pass'], what)
      }
  })
})
