// SPDX-License-Identifier: Apache-2.0
/** A campaign whose mail waits in several workers is one campaign: what is decided about it, and said by its mail, holds over all of them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CampaignAnswer } from '../../src/api/resources/campaign-fields.ts'
import type { Event } from '../../src/events/event.ts'
import { journalOf, type MessageId } from '../../src/events/ids.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

/** So many that both workers get some: one in two to the 19th does not. */
const MESSAGES = 20

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  sink = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({
      config: trustLoopback + routeTo(sink.port),
      domains: ['shop.example'],
      serve: ['--workers', '2'],
    }),
  )
})

after(() => running.disposeAsync())

/** Each in a session of its own, which may reach another worker. Returns the replies. */
async function submit(campaign: string, count: number, more = ''): Promise<readonly string[]> {
  const content = `X-Posthaste-Campaign: ${campaign}\r\n${more}${messageText()}`
  const replies: string[] = []
  for (let at = 0; at < count; at++) {
    const rcpt = [`<reader${at}.${campaign}@example.net>`]
    replies.push(await sendBySmtp(relay, { mail: '<orders@shop.example>', rcpt, content }))
  }
  return replies
}

/** Taken, by both workers. */
async function submitToBoth(campaign: string, more = ''): Promise<ReadonlySet<string>> {
  const replies = await submit(campaign, MESSAGES, more)
  const ids = replies.map((text) => /queued as (\w{26})/.exec(text)?.[1] ?? assert.fail(text))
  assert.equal(new Set(ids.map((id) => journalOf(id as MessageId))).size, 2, 'both took some')
  return new Set(ids)
}

async function untilAll(type: Event['type'], ids: ReadonlySet<string>, count = ids.size) {
  const seen = new Set<string>()
  await relay.waitForEvent((event: Event) => {
    if (event.type === type && 'messageId' in event && ids.has(event.messageId ?? ''))
      seen.add(event.messageId ?? '')
    return seen.size >= count
  })
}

function takenOf(campaign: string): number {
  return sink.messages.filter(({ recipients }) => recipients[0]?.includes(`.${campaign}@`)).length
}

async function ask(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${relay.api}${path}`, {
    method,
    headers: { authorization: `Bearer ${relay.adminKey}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const said: unknown = await answer.json()
  assert.ok(answer.ok, JSON.stringify(said))
  return said
}

function change(name: string, changes: object): Promise<unknown> {
  return ask('PATCH', `/campaigns/${name}?tenant=default`, changes)
}

function act(what: 'pause' | 'resume' | 'cancel', name: string, reason = 'a test') {
  const body = what === 'resume' ? {} : { reason }
  return ask('POST', `/campaigns/${name}/${what}?tenant=default`, body)
}

async function show(name: string): Promise<CampaignAnswer> {
  return (await ask('GET', `/campaigns/${name}?tenant=default`)) as CampaignAnswer
}

/** In both workers. */
async function othersGo(name: string): Promise<void> {
  await untilAll('message.delivered', await submitToBoth(name))
}

async function becauseOf(name: string): Promise<string> {
  const { items } = (await ask('GET', `/queues?campaign=${name}`)) as {
    readonly items: readonly { readonly because: string }[]
  }
  return items[0]?.because ?? ''
}

test('Paused, nothing of it goes in any worker; paced, no more goes in all of them than one alone may send', async () => {
  await change('spring', { weight: 2 })
  await act('pause', 'spring', 'a wrong price')
  const ids = await submitToBoth('spring')
  await othersGo('summer')
  assert.equal(takenOf('spring'), 0)
  const paused = await show('spring')
  assert.deepEqual([paused.state, paused.waiting, paused.ready], ['paused', MESSAGES, 0])
  assert.match(await becauseOf('spring'), /paused by .*: a wrong price/)
  await change('spring', { pace: '1/1h' })
  await act('resume', 'spring')
  await othersGo('autumn')
  assert.ok(takenOf('spring') <= 1, 'one an hour')
  assert.match(await becauseOf('spring'), /^its turn in the pace of its campaign, 1\/1 h/)
  await change('spring', { pace: null })
  await untilAll('message.delivered', ids)
  assert.equal(takenOf('spring'), MESSAGES)
})

test('Cancelled, all of it ends in every worker, and each refuses more', async () => {
  await change('winter', { weight: 2 })
  await act('pause', 'winter')
  const ids = await submitToBoth('winter')
  await act('cancel', 'winter', 'sold out')
  await untilAll('message.cancelled', ids)
  const refused = await submit('winter', MESSAGES)
  assert.ok(refused.every((text) => text.startsWith('550 5.7.1 Campaign "winter" was cancelled')))
  assert.deepEqual((await show('winter')).waiting, 0)
  assert.equal(takenOf('winter'), 0)
  await act('resume', 'winter')
  await othersGo('winter')
})

test('What the first mail of a campaign says holds in the worker that did not take it, too', async () => {
  const hour = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString().slice(11, 16)
  const window = `${hour(2)}-${hour(3)} UTC`
  const ids = await submitToBoth('easter', `X-Posthaste-Send-Window: ${window}\r\n`)
  await othersGo('may')
  assert.equal(takenOf('easter'), 0)
  const shown = await show('easter')
  assert.deepEqual([shown.sendWindow, shown.spreadBy, shown.waiting], [window, 'mail', MESSAGES])
  assert.match(await becauseOf('easter'), /^the window of its campaign/)
  await change('easter', { sendWindow: null })
  await untilAll('message.delivered', ids)
})
