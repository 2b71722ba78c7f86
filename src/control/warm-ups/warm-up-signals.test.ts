// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answer, providerOf, THROTTLED, throttled } from '../../../test/support/warm-up-answers.ts'
import type { Event } from '../../events/event.ts'
import { newsIn, noteOfAnswer } from './warm-up-signals.ts'

const START = Date.UTC(2026, 0, 5)

describe('What an event says of a source at a provider', () => {
  const kindOf = (event: Event) => noteOfAnswer(event, providerOf)?.kind ?? null
  const user = { code: 550, enhanced: '5.1.1', text: 'No such user' }

  it('is a signal where a receiver answered', () => {
    assert.equal(kindOf(answer('delivered', START)), 'delivered')
    const deferral = { reply: THROTTLED, said: 'peer', meaning: throttled }
    assert.equal(kindOf(answer('deferred', START, deferral)), 'deferred')
    assert.equal(noteOfAnswer(answer('deferred', START, deferral), providerOf)?.code, 'S775')
    const listed = { ...deferral, reply: { ...THROTTLED, code: 550 } }
    assert.equal(kindOf(answer('deferred', START, listed)), 'refused')
    const gone = { by: 'peer', reply: user, meaning: { class: 'no-such-mailbox' } }
    assert.equal(kindOf(answer('bounced', START, gone)), 'bounced')
    const full = { said: 'peer', reply: user, meaning: { class: 'mailbox-full' } }
    assert.equal(kindOf(answer('deferred', START, full)), 'other')
  })

  it('is none where nobody of a provider answered, or a simulated receiver did', () => {
    assert.equal(kindOf(answer('delivered', START, { mx: 'mx.elsewhere[192.0.2.1]:25' })), null)
    assert.equal(kindOf(answer('delivered', START, { sandbox: true })), null)
    assert.equal(kindOf(answer('deferred', START, { said: 'us', reply: THROTTLED })), null)
    assert.equal(kindOf(answer('bounced', START, { by: 'person', reply: user })), null)
    assert.equal(kindOf(answer('expired', START)), null)
  })

  it('is news where a recipient complains, or a report proves that nobody is there', () => {
    assert.equal(
      newsIn(answer('complained', START, { feedbackType: 'abuse', certainty: 'proven' })),
      'complained',
    )
    assert.equal(
      newsIn(answer('complained', START, { feedbackType: 'not-spam', certainty: 'proven' })),
      null,
    )
    const report = { by: 'report', diagnosis: user, meaning: { class: 'no-such-mailbox' } }
    assert.equal(newsIn(answer('bounced', START, { ...report, certainty: 'proven' })), 'returned')
    assert.equal(newsIn(answer('bounced', START, { ...report, certainty: 'likely' })), null)
  })
})
