// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clock, newId, tokenOf } from '../../test/support/feedback-samples.ts'
import { bounce, letter, makeHub, ours } from '../../test/support/hub-rig.ts'
import { hours } from '../base/brand.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'

describe('A report in which nothing is of ours', () => {
  const guess = { messageId: newId(), recipientIndex: 1 }

  it('is about the only message that fits, which is possible and no more', async () => {
    const { state, take } = makeHub()
    state.guess = guess
    assert.equal(await take('fbl@shop.example', bounce), '250 2.0.0')
    const [{ certainty, fate, messageId, recipientIndex, what } = assert.fail()] = state.recorded
    assert.deepEqual(
      { certainty, fate, messageId, recipientIndex, what },
      { ...guess, certainty: 'possible', fate: 'guessed', what: 'noted' },
    )
    assert.match(String(state.sent[0]?.content), /came to relay\.example to\s+fbl@shop\.example/)
  })

  it('is taken also where no operator sees it, and refused as ever where none fits', async () => {
    const { state, take } = makeHub(null)
    assert.equal(await take('fbl@shop.example', bounce), '550 5.7.1')
    state.guess = guess
    assert.equal(await take('fbl@shop.example', bounce), '250 2.0.0')
    assert.deepEqual([state.recorded.length, state.sent.length], [1, 0])
  })

  it('is not looked for where a token or an id says what it is about, or a person wrote', async () => {
    const { state, take } = makeHub()
    const returned = `${bounce}\nContent-Type: text/rfc822-headers\n\n`
    await take(ours(), bounce)
    await take('fbl@shop.example', `Subject: ${tokenOf(newId())}\n${returned}`)
    await take('fbl@shop.example', letter)
    assert.equal(state.asked.length, 0)
  })

  it('is looked for only so often for each network, and for all of them', async () => {
    const { state, take } = makeHub()
    const { guessesPerHour, guessesPerPeerHour } = feedbackLimits
    for (let count = 0; count < guessesPerPeerHour + 5; count++)
      assert.equal(await take('fbl@shop.example', bounce), '250 2.0.0')
    assert.equal(state.asked.length, guessesPerPeerHour)
    for (let peer = 0; peer < guessesPerHour; peer++)
      await take('fbl@shop.example', bounce, `198.51.${peer % 100}.${peer % 250}`)
    assert.equal(state.asked.length, guessesPerHour)
    clock.advance(hours(1))
    await take('fbl@shop.example', bounce)
    assert.equal(state.asked.length, guessesPerHour + 1)
  })

  it('is told once while the search view may not have it', async () => {
    const { state, take } = makeHub()
    state.guess = guess
    for (let count = 0; count < 3; count++) await take('fbl@shop.example', bounce)
    const fates = state.recorded.map(({ fate }) => fate)
    assert.deepEqual(fates, ['guessed', 'forwarded', 'forwarded'])
  })

  it('is taken as ever where nobody says what was sent', async () => {
    const { state, take } = makeHub()
    state.guess = new Error('control is away')
    assert.equal(await take('fbl@shop.example', bounce), '250 2.0.0')
    assert.deepEqual([state.recorded[0]?.fate, state.sent.length], ['forwarded', 1])
  })
})
