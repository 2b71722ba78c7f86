// SPDX-License-Identifier: Apache-2.0
/** Whom a tenant does not send to: over SMTP an event and no error, over HTTP a result, and never a transaction. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import { trustLoopback } from '../support/relay-config.ts'
import { messageText, send, sendBySmtp } from '../support/relay-mail.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let sink: RunningSink
let relay: RunningRelay
let key: string

before(async () => {
  ;({ sink, relay } = await relayBeforeSink(running, {
    config: trustLoopback,

    commands: [['tenant', 'add', 'other']],
  }))
  key = await relay.newKey('default', 'send', 'suppressions')
})

after(() => running.disposeAsync())

async function suppress(address: string, ...options: readonly string[]): Promise<void> {
  await relay.json('suppression', 'add', address, '--tenant', 'default', ...options)
}

function ask(method: string, path: string, body?: unknown, secret = key) {
  return relay.ask(method, path, secret, body)
}

const arrived = () => sink.messages.flatMap(({ recipients }) => recipients)

const hello = { from: 'orders@shop.example', subject: 'Hello', text: 'Hello.' }

/** By what was sent to `wanted`, somebody of the same message who gets it. */
async function comesOf(messageId: string, wanted: string) {
  await outcomeOf(relay, messageId, 'delivered', wanted)
}

test('A suppressed recipient is taken over SMTP without a word, and never sent to', async () => {
  await suppress('Gone@example.net', '--reason', 'bounce', '--note', 'left the company')
  const answer = await sendBySmtp(relay, {
    mail: '<orders@shop.example>',
    rcpt: ['<gone@EXAMPLE.net>', '<here@example.net>'],
  })
  const [messageId = ''] = /[0-9A-Z]{26}/.exec(answer) ?? []
  const { reason, scope, attempts, recipient } = await outcomeOf(relay, messageId, 'suppressed')
  assert.deepEqual(
    [reason, scope, attempts, recipient],
    ['bounce', 'tenant', 0, 'gone@example.net'],
  )
  await comesOf(messageId, 'here@example.net')
  assert.equal(arrived().includes('gone@example.net'), false)
  const { stdout } = await relay.cli('trace', messageId)
  assert.match(stdout, /suppressed .*gone@example\.net: bounced before/)
  assert.doesNotMatch(stdout, /bounced {2}/)
})

test('Over HTTP the result names who is not sent to, for each message', async () => {
  await suppress('left@example.net', '--reason', 'unsubscribe')
  const alone = await ask('POST', '/messages', { ...hello, to: 'left@example.net' })
  assert.equal(alone.status, 202)
  const [one] = alone.body.suppressed
  assert.deepEqual([one.recipient, one.reason], ['left@example.net', 'unsubscribe'])
  const entry = await ask('GET', `/suppressions/${one.suppression}`)
  assert.equal(entry.body.address, 'left@example.net')
  const { body } = await ask('POST', '/messages/personalised', {
    ...hello,
    recipients: [{ to: 'left@example.net' }, { to: 'stays@example.net' }],
  })
  const [left, stays] = body.results
  assert.deepEqual([left.suppressed.length, stays.suppressed.length], [1, 0])
  await comesOf(stays.id, 'stays@example.net')
  assert.equal(arrived().includes('left@example.net'), false)
})

test('Who is suppressed while mail waits is not tried again', async () => {
  const messageId = await send(relay, { to: ['tempfail@example.net'] })
  await outcomeOf(relay, messageId, 'deferred')
  const before = sink.refusals.length
  await suppress('tempfail@example.net')
  await relay.json('queue', 'retry', '*@example.net')
  const { attempts, reason } = await outcomeOf(relay, messageId, 'suppressed')
  assert.deepEqual([attempts, reason], [1, 'manual'])
  assert.equal(sink.refusals.length, before)
})

test('An allowance outweighs a bounce, and not who unsubscribed', async () => {
  for (const [address, reason] of [
    ['fine@example.net', 'bounce'],
    ['firm@example.net', 'unsubscribe'],
  ] as const) {
    await suppress(address, '--reason', reason)
    await relay.json('suppression', 'allow', address, '--tenant', 'default')
  }
  const messageId = await send(relay, { to: ['fine@example.net', 'firm@example.net'] })
  await comesOf(messageId, 'fine@example.net')
  const { recipient, reason } = await outcomeOf(relay, messageId, 'suppressed')
  assert.deepEqual([recipient, reason], ['firm@example.net', 'unsubscribe'])
})

test('An entry about a stream or a list keeps no other mail', async () => {
  await suppress('reader@example.net', '--reason', 'unsubscribe', '--stream', 'bulk')
  await suppress('member@example.net', '--reason', 'unsubscribe', '--list', 'spring.shop.example')
  const news = await send(relay, { to: ['reader@example.net'], stream: 'bulk' })
  assert.equal((await outcomeOf(relay, news, 'suppressed')).scope, 'stream')
  await comesOf(await send(relay, { to: ['reader@example.net'] }), 'reader@example.net')
  const raw = async (field: string) => {
    const content = Buffer.from(field + messageText()).toString('base64')
    const envelope = { from: 'orders@shop.example', to: ['member@example.net'] }
    return (await ask('POST', '/messages/raw', { raw: content, envelope })).body
  }
  const ofList = await raw('List-Id: Spring offers <Spring.shop.example>\r\n')
  assert.equal((await outcomeOf(relay, ofList.id, 'suppressed')).scope, 'list')
  const ofOther = await raw('List-Id: <autumn.shop.example>\r\n')
  await comesOf(ofOther.id, 'member@example.net')
})

test('An entry of which only the hash is kept works, and shows no address', async () => {
  await suppress('secret@example.net', '--no-address')
  const { body } = await ask('GET', '/suppressions?address=SECRET@example.net')
  assert.deepEqual(
    body.items.map(({ address }: { address: string | null }) => address),
    [null],
  )
  const messageId = await send(relay, { to: ['secret@example.net'] })
  await outcomeOf(relay, messageId, 'suppressed')
})

test('What is removed, and what has expired, keeps no mail any more', async () => {
  await suppress('back@example.net')
  await relay.json('suppression', 'remove', 'back@example.net', '--tenant', 'default')
  await comesOf(await send(relay, { to: ['back@example.net'] }), 'back@example.net')
  const again = await relay.cli('suppression', 'remove', 'back@example.net', '--tenant', 'default')
  assert.match(again.stderr, /no such entry of back@example\.net/)
  const past = ['suppression', 'add', 'x@example.net', '--expires', '2020-01-01T00:00:00Z']
  assert.match((await relay.cli(...past, '--tenant', 'default')).stderr, /expired already/)
})

test('A tenant reaches nothing of another, and its list keeps no mail of another', async () => {
  const other = await relay.newKey('other', 'send', 'suppressions')
  await suppress('shared@example.net')
  const mine = (await ask('GET', '/suppressions?address=shared@example.net')).body.items[0]
  assert.deepEqual((await ask('GET', '/suppressions', undefined, other)).body.items, [])
  for (const method of ['GET', 'DELETE'])
    assert.equal((await ask(method, `/suppressions/${mine.id}`, undefined, other)).status, 404)
  const undone = await ask('POST', '/suppressions/undo', { address: 'shared@example.net' }, other)
  assert.equal(undone.body.removed, 0)
  const begun = (await ask('POST', '/suppressions/imports', {})).body
  for (const [method, path, body] of [
    ['POST', `/suppressions/imports/${begun.id}/parts`, { csv: 'a@example.net' }],
    ['POST', `/suppressions/imports/${begun.id}/finish`, {}],
    ['DELETE', `/suppressions/imports/${begun.id}`, undefined],
  ] as const)
    assert.equal((await ask(method, path, body, other)).status, 404, path)
  const exported = await ask('GET', '/suppressions/export', undefined, other)
  assert.deepEqual(exported.body.lines, [])
  assert.equal((await ask('GET', `/suppressions/${mine.id}`)).status, 200)
})

test('Nothing that a tenant sees of its entries tells how many others have', async () => {
  const other = await relay.newKey('other', 'suppressions')
  const addresses = ['a@example.net', 'b@example.net', 'c@example.net']
  const ids: string[] = []
  let seen = ''
  for (const address of addresses) {
    await suppress(`before-${address}`)
    await ask('POST', '/suppressions', { entries: [{ address }] }, other)
  }
  for (let cursor = ''; ; ) {
    const page = (await ask('GET', `/suppressions?limit=1&cursor=${cursor}`, undefined, other)).body
    ids.push(page.items[0].id)
    const exported = await ask(
      'GET',
      `/suppressions/export?limit=1&cursor=${cursor}`,
      undefined,
      other,
    )
    for (const next of [page.nextCursor, exported.body.nextCursor])
      seen += ` ${Buffer.from(next ?? '', 'base64url')}`
    if (page.nextCursor === null) break
    cursor = page.nextCursor
  }
  assert.equal(new Set(ids).size, addresses.length)
  for (const word of `${ids.join(' ')}${seen}`.trim().split(' '))
    assert.match(word, /^[0-9A-Z]{26}$/)
  for (const made of ['1', '2', '100', 'x', encodeURIComponent(seen)])
    assert.equal((await ask('GET', `/suppressions/${made}`, undefined, other)).status, 404)
  const [id] = ids
  assert.equal((await ask('DELETE', `/suppressions/${id}`, undefined, other)).status, 200)
  await ask('POST', '/suppressions', { entries: [{ address: 'a@example.net' }] }, other)
  const again = await ask('GET', `/suppressions/${id?.toLowerCase()}`, undefined, other)
  assert.equal(again.body.address, 'a@example.net')
  assert.equal((await ask('GET', `/suppressions/${id}`)).status, 404)
  assert.equal((await relay.ask('GET', `/suppressions/${id}`)).body.tenant, 'other')
})

for (const [what, body, expected] of [
  ['no address', { entries: [{ address: 'ann' }] }, /"ann" is no address/],
  ['an unknown stream', { entries: [{ address: 'a@b.example', stream: 'buk' }] }, /mean "bulk"/],
  ['an unknown reason', { entries: [{ address: 'a@b.example', reason: 'x' }] }, /reason/],
  ['a field that is not known', { entries: [{ address: 'a@b.example', tenant: 'x' }] }, /tenant/],
  ['nothing', { entries: [] }, /entries/],
] as const)
  test(`A request with ${what} is refused with a sentence`, async () => {
    const { status, body: answer } = await ask('POST', '/suppressions', body)
    assert.ok([400, 404, 422].includes(status), String(status))
    assert.match(answer.detail, expected)
  })
