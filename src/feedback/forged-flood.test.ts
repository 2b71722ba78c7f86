// SPDX-License-Identifier: Apache-2.0
/** Strangers by the thousand who make up bounces, complaints and wishes: nobody is suppressed by them, and no disk is filled. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  clock,
  directory,
  mailboxOf,
  newId,
  random,
  sealer,
  tokenOf,
} from '../../test/support/feedback-samples.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'
import { silentLog } from '../base/log.ts'
import { FeedbackHub } from './feedback-hub.ts'
import type { Finding } from './finding.ts'
import { InboundAddresses } from './inbound-addresses.ts'

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'
const below = (bound: number) => Math.floor(random.fraction() * bound)

/** A good one in which one or more letters are others, or a word that only looks like one. */
function forgedToken(): string {
  const letters = [...tokenOf(newId(), `victim${below(100)}@example.net`)]
  const changes = below(4) === 0 ? letters.length : 1 + below(3)
  for (let count = 0; count < changes; count++) {
    const at = below(letters.length)
    const before = letters[at]
    // The last letter has bits that say nothing.
    if (at === letters.length - 1) continue
    do letters[at] = LETTERS[below(LETTERS.length)] ?? '0'
    while (letters[at] === before)
  }
  return letters.join('')
}

const forms: readonly ((token: string) => string)[] = [
  (token) =>
    `From: m@mx.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; victim@example.net\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\nReturn-Path: <${token}@bounce.shop.example>\n--b--\n`,
  (token) =>
    `From: fbl@provider.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\nContent-Type: message/rfc822\n\nReturn-Path: <${token}@bounce.shop.example>\n--b--\n`,
  (token) => `From: victim@example.net\nSubject: ${token}\n\nunsubscribe\n`,
  (token) => `From: victim@example.net\nSubject: unsubscribe\n\n${token}\n`,
]

describe('A flood of what strangers made up', () => {
  const addresses = new InboundAddresses({
    ...{ hostname: 'relay.example', directory: () => directory, sealer, clock },
  })

  it('is refused at RCPT where it is for return paths, and counted', () => {
    const before = addresses.forged
    for (let count = 0; count < 5_000; count++) {
      const token = forgedToken()
      // A change may have been taken back by another.
      if (sealer.open(token, clock.now()).kind === 'token') continue
      assert.equal(addresses.read(mailboxOf(`${token}@bounce.shop.example`)), null, token)
    }
    assert.ok(addresses.forged > before + 4_500)
  })

  it('finds nothing for sure about anybody, and is written down only so often', async () => {
    const recorded: Finding[] = []
    const resolver = {
      txt: async () => ({ kind: 'failed' as const, text: 'no answer' }),
      addresses: async () => ({ kind: 'failed' as const, text: 'no answer' }),
      mx: async () => ({ kind: 'failed' as const, text: 'no answer' }),
      ptr: async () => ({ kind: 'failed' as const, text: 'no answer' }),
    }
    const hub = new FeedbackHub({
      hostname: 'relay.example',
      ...{ clock, random, sealer, resolver },
      log: silentLog,
      directory: () => directory,
      sentMail: { find: async () => ({ messageId: newId(), recipientIndex: 0 }) },
      signedLoops: () => [],
      operator: () => null,
      from: () => 'postmaster@relay.example',
      recorder: {
        record: async (findings) => {
          recorded.push(...findings)
          return findings.map(() => null)
        },
      },
      submit: () => Promise.reject(new Error('nothing is sent on')),
    })
    const roles = ['fbl', 'abuse', 'unsubscribe', 'postmaster']
    const events = feedbackLimits.octetsPerPeerHour / feedbackLimits.eventOctets
    const codes = new Map<number, number>()
    for (let count = 0; count < 3_000; count++) {
      const token = forgedToken()
      if (sealer.open(token, clock.now()).kind === 'token') continue
      const form = forms[below(forms.length)] ?? forms[0]
      const address = addresses.read(mailboxOf(`${roles[below(4)]}@bounce.shop.example`))
      assert.ok(form && address)
      const octets = Buffer.from(form(token).replaceAll('\n', '\r\n'))
      const sender = { peer: '192.0.2.7', helo: 'mx.example', reversePath: '' }
      const { code } = await hub.take({ addresses: [address], octets, ...sender })
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    assert.ok(recorded.length > 500 && recorded.length <= events, `${recorded.length}`)
    const guesses = recorded.filter(({ fate }) => fate === 'guessed')
    assert.ok(guesses.length > 0 && guesses.length <= feedbackLimits.guessesPerPeerHour)
    for (const { addressHash, certainty, tenant, what } of guesses)
      assert.deepEqual([what, certainty, addressHash, tenant], ['noted', 'possible', null, null])
    for (const { addressHash, certainty, messageId, recipientIndex } of recorded.filter(
      (each) => !guesses.includes(each),
    ))
      assert.deepEqual(
        [certainty, messageId, addressHash, recipientIndex],
        [null, null, null, null],
      )
    assert.ok(
      [...codes.keys()].every((code) => [250, 452, 550].includes(code)),
      `${[...codes]}`,
    )
  })
})
