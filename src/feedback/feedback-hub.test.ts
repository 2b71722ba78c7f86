// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clock, mailboxOf, newId, tokenOf } from '../../test/support/feedback-samples.ts'
import {
  addresses,
  bounce,
  letter,
  makeHub,
  ours,
  resolver,
  sender,
  texts,
} from '../../test/support/hub-rig.ts'
import { refused } from '../../test/support/refusals.ts'
import { hours, ms } from '../base/brand.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'
import { reply } from '../protocol/reply.ts'
import { authenticate } from './authentication.ts'
import { headerOf } from './mail-header.ts'

describe('The hub', () => {
  it('says 250 when what a mail says is recorded, and 451 where it cannot be now', async () => {
    const { state, take } = makeHub()
    assert.equal(await take(ours(), bounce), '250 2.0.0')
    assert.deepEqual(
      state.recorded.map(({ what, certainty }) => [what, certainty]),
      [['bounced', 'proven']],
    )
    state.isAway = true
    assert.equal(await take(ours(), bounce), '451 4.3.2')
    assert.equal(await take(ours(), letter), '451 4.3.2')
    assert.equal(state.sent.length, 0)
  })

  it('sends what a person wrote to the operator, and takes it only where that is accepted', async () => {
    const { state, take } = makeHub()
    assert.equal(await take('abuse@shop.example', letter), '250 2.0.0')
    const text = String(state.sent[0]?.content)
    assert.ok(
      text.endsWith(
        `\r\n\r\n${letter.replaceAll('\n', '\r\n')}${text.slice(text.lastIndexOf('\r\n--'))}`,
      ),
    )
    state.acceptance = refused(reply(452, '4.3.1', 'Full'))
    assert.equal(await take('abuse@shop.example', letter), '452 4.3.1')
    state.acceptance = refused(reply(550, '5.6.0', 'Bad'))
    assert.equal(await take('abuse@shop.example', letter), '554 5.6.0')
  })

  it('tells a person that nobody reads where there is no operator', async () => {
    const { state, take } = makeHub(null)
    assert.equal(await take(ours(), letter), '550 5.7.1')
    assert.equal(await take(ours(), bounce), '250 2.0.0')
    assert.equal(state.recorded.length, 1)
  })

  it('sends nothing twice to where it came from', async () => {
    const { state, take } = makeHub()
    await take('abuse@shop.example', letter)
    assert.equal(await take('abuse@shop.example', String(state.sent[0]?.content)), '554 5.4.6')
    assert.equal(state.sent.length, 1)
  })

  it('takes only so much from a network that no token vouches for, and every report that one does', async () => {
    const { take } = makeHub()
    const large = `${letter}${'x'.repeat(feedbackLimits.octetsPerPeerHour / 8)}`
    const replies = new Set<string>()
    for (let count = 0; count < 10; count++) replies.add(await take('abuse@shop.example', large))
    assert.deepEqual([...replies], ['250 2.0.0', '452 4.7.1'])
    assert.equal(await take('fbl@shop.example', large), '452 4.7.1')
    assert.equal(await take(ours(), bounce), '250 2.0.0')
    assert.equal(await take('abuse@shop.example', letter, '192.0.2.2'), '250 2.0.0')
    clock.advance(hours(1))
    assert.equal(await take('abuse@shop.example', large), '250 2.0.0')
  })
})

describe('A bounce of a stream that wants the originals', () => {
  const message = {
    tenant: 'shop',
    stream: 'news',
    reversePath: 'bounces@platform.example',
    sandbox: false,
    isNew: true,
  }
  const report = `From: <mailer@mx.example>\n${bounce}\n--r\u00e9sum\u00e9--\n`

  it('goes to the reverse-path of its submitter unchanged, below our mark', async () => {
    const { state, take } = makeHub()
    state.message = message
    assert.equal(await take(ours(), report), '250 2.0.0')
    assert.equal(state.sent.length, 1)
    assert.equal(
      String(state.sent[0]?.content),
      `X-Loop: posthaste@relay.example\r\n${report.replaceAll('\n', '\r\n')}`,
    )
    assert.equal(state.sent[0]?.eightBit, 'keep')
  })

  it('ends here when it comes back, and waits at its sender while it cannot go on', async () => {
    const { state, take } = makeHub()
    state.message = message
    await take(ours(), report)
    assert.equal(await take(ours(), String(state.sent[0]?.content)), '554 5.4.6')
    state.acceptance = refused(reply(452, '4.3.1', 'Full'))
    assert.equal(await take(ours(), report), '452 4.3.1')
    state.acceptance = refused(reply(550, '5.6.0', 'No From'))
    assert.equal(await take(ours(), report), '250 2.0.0')
  })

  it('goes nowhere where nobody asked, the null reverse-path sent it, or nothing proves whose it is', async () => {
    const { state, take } = makeHub()
    for (const other of [{ stream: 'receipts' }, { reversePath: '' }]) {
      state.message = { ...message, ...other }
      await take(ours(), report)
    }
    state.message = message
    const quoted = `--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; jane@example.net\nAction: failed\n--b\nContent-Type: message/rfc822\n\nReceived: by relay.example id ${newId()}\n--b--\n`
    const type = 'Content-Type: multipart/report; boundary=b'
    await take('fbl@shop.example', `From: <m@mx.example>\n${type}\n\n${quoted}`)
    assert.equal(state.recorded.at(-1)?.certainty, 'likely')
    assert.equal(state.sent.length, 0)
  })

  it('is charged to whoever says the same again', async () => {
    const { state, take } = makeHub()
    state.message = { ...message, isNew: false }
    const large = `${report}${'x'.repeat(feedbackLimits.octetsPerPeerHour / 8)}`
    const replies = new Set<string>()
    for (let count = 0; count < 10; count++) replies.add(await take(ours(), large))
    assert.deepEqual([...replies], ['250 2.0.0', '452 4.7.1'])
  })
})

describe('Who sent a report', () => {
  const complaint = (from: string, returnPath = ours()) =>
    `From: fbl@${from}\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b\nContent-Type: message/rfc822\n\nReturn-Path: <${returnPath}>\n--b--\n`
  const told = async (from: string, returnPath?: string) => {
    const { state, take } = makeHub()
    const said = await take('fbl@shop.example', complaint(from, returnPath))
    const [finding] = state.recorded
    const what = finding?.what === 'noted' ? finding.fate : finding?.what
    return { said, what, authentication: finding?.authentication }
  }

  it('is recorded with what the report brings', async () => {
    texts.set('mx.example', 'v=spf1 ip4:192.0.2.1 -all')
    const { what, authentication } = await told('provider.example')
    assert.equal(what, 'complained')
    assert.deepEqual(authentication, {
      from: 'provider.example',
      spf: 'pass',
      dkim: [],
      dmarc: 'none',
      policy: 'none',
    })
  })

  it('is not who it says where the policy of its domain fails: that is counted and does nothing', async () => {
    texts.set('_dmarc.careful.example', 'v=DMARC1; p=reject')
    texts.set('_dmarc.lax.example', 'v=DMARC1; p=none')
    assert.deepEqual((await told('careful.example')).what, 'forged')
    assert.deepEqual((await told('lax.example')).what, 'complained')
  })

  it('is not a loop that signs where no signature of it holds', async () => {
    assert.equal((await told('mail.loop.example')).what, 'forged')
    assert.equal((await told('notloop.example')).what, 'complained')
  })

  it('that made up a return path of ours is a forger', async () => {
    const madeUp = ours().replace(/^./, (first) => (first === '0' ? '1' : '0'))
    assert.equal((await told('provider.example', madeUp)).what, 'forged')
    assert.equal((await told('provider.example', 'bounce@elsewhere.example')).what, 'unmatched')
  })

  it('does not stop a bounce, which comes unsigned from everywhere', async () => {
    const { state, take } = makeHub()
    assert.equal(await take(ours(), `From: x@careful.example\n${bounce}`), '250 2.0.0')
    assert.deepEqual(
      state.recorded.map(({ what, authentication }) => [what, authentication?.dmarc]),
      [['bounced', 'fail']],
    )
  })

  it('waits for a DNS that does not answer only so long', async () => {
    const slow = new Promise<never>(() => {})
    const silent = { ...resolver, txt: () => slow }
    const taking = authenticate(
      { resolver: silent, clock, hostname: 'relay.example' },
      {
        octets: Buffer.from(letter),
        header: headerOf(Buffer.from(letter)),
        peer: '192.0.2.1',
        ...sender,
      },
    )
    clock.advance(ms(feedbackLimits.authenticationMs))
    assert.deepEqual(await taking, {
      from: 'example.net',
      spf: 'temperror',
      dkim: [],
      dmarc: 'temperror',
      policy: 'none',
    })
  })
})

describe('An address of ours', () => {
  it('is a good token at any domain, and a name at those that are set up, in any letters', () => {
    const token = tokenOf(newId())
    for (const [address, kind] of [
      [`${token}@bounce.shop.example`, 'token'],
      [`${token.toUpperCase()}@gone.example`, 'token'],
      ['FBL@bounce.shop.example', 'role'],
      ['Abuse@shop.example', 'role'],
      ['postmaster@relay.example', 'role'],
      ['unsubscribe@shop.example', 'role'],
      ['postmaster@elsewhere.example', null],
      ['jane@shop.example', null],
      [`${token.slice(0, -2)}00@bounce.shop.example`, null],
    ] as const)
      assert.equal(addresses.read(mailboxOf(address))?.kind ?? null, kind, address)
  })
})
