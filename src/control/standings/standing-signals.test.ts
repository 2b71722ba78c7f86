// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event } from '../../events/event.ts'
import { newsIn, noteOfAnswer } from './standing-signals.ts'

const START = Date.UTC(2026, 0, 5, 12)
const user = { code: 550, enhanced: '5.1.1', text: 'No such user' }

function answer(tenant: string, at: number, more: object = {}): Event {
  return {
    type: 'message.delivered',
    at: new Date(at).toISOString(),
    ...{
      tenant,
      stream: 'bulk',
      recipientIndex: 0,
      messageId: '06EAXQ4Z5M3T8000000000000',
      attempt: 1,
    },
    reply: { code: 250, enhanced: null, text: 'OK' },
    ...more,
  } as unknown as Event
}

const gone = {
  type: 'message.bounced',
  by: 'peer',
  reply: user,
  meaning: { class: 'no-such-mailbox' },
}

describe('What an event says of the mail of a tenant', () => {
  const kindOf = (more: object) => noteOfAnswer(answer('shop', START, more))?.kind ?? null
  const said = (text: string, name: string, code = 550) => ({
    ...{ type: 'message.bounced', by: 'peer', meaning: { class: name } },
    reply: { code, enhanced: null, text },
  })

  it('counts what receivers take, and what they refuse for what it is', () => {
    assert.equal(kindOf({}), 'delivered')
    assert.equal(kindOf(gone), 'unknown')
    assert.equal(kindOf(said('Message contains spam', 'spam')), 'refused')
    assert.equal(kindOf(said('bad link', 'listed-content', 554)), 'refused')
    const text = 'very low reputation of the sending domain'
    assert.equal(kindOf(said(text, 'bad-reputation')), 'refused')
  })

  it('says nothing where the fault is that of the source, of us, or of nobody', () => {
    assert.equal(kindOf(said('blocked using dnsbl', 'listed-source')), null)
    assert.equal(kindOf(said('no reverse DNS', 'reverse-dns')), null)
    assert.equal(kindOf(said('rate limited', 'throttled', 421)), null)
    assert.equal(kindOf({ ...gone, by: 'routing' }), null)
    assert.equal(kindOf({ sandbox: true }), null)
    const dialog = ['C: MAIL FROM:<> SIZE=900', 'S: 250 OK']
    assert.equal(kindOf({ conversation: dialog }), null, 'a report of ours to a submitter')
    const deferred = { ...said('spam', 'spam', 451), type: 'message.deferred', said: 'peer' }
    assert.equal(kindOf(deferred), 'refused')
    assert.equal(kindOf({ ...deferred, attempt: 2 }), null, 'once for each recipient')
  })

  it('counts what comes back later, but no praise and no guess', () => {
    const complained = { type: 'message.complained', feedbackType: 'abuse', certainty: 'proven' }
    assert.equal(newsIn(answer('shop', START, complained)), 'complained')
    const likely = { ...complained, certainty: 'likely' }
    assert.equal(newsIn(answer('shop', START, likely)), null)
    const praise = { ...complained, feedbackType: 'not-spam', certainty: 'proven' }
    assert.equal(newsIn(answer('shop', START, praise)), null)
    const report = { ...gone, by: 'report', certainty: 'proven' }
    assert.equal(newsIn(answer('shop', START, report)), 'unknown')
    assert.equal(newsIn(answer('shop', START, { ...report, certainty: 'likely' })), null)
  })
})
