// SPDX-License-Identifier: Apache-2.0
/** Opens and clicks, with two workers, from the message that asks for them to what a developer reads: signed after it was changed, counted, and nothing done to mail that did not ask. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import type { Event } from '../../src/events/event.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { relayBeforeSink } from '../support/relay-before-sink.ts'
import type { RunningRelay } from '../support/running-relay.ts'
import type { RunningSink } from '../support/running-sink.ts'

const WEB =
  '[web]\naddress = "127.0.0.1:0"\nurl = "https://links.relay.example"\ntls = false\ntrusted_proxies = ["127.0.0.1"]\n'
const HTML =
  '<html><body><p><a href="https://shop.example/sale?a=1&amp;b=2">Sale</a> <a href="https://shop.example/unsubscribe">Bye</a></p></body></html>'
const BROWSER = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15'

const running = new AsyncDisposableStack()
let relay: RunningRelay
let sink: RunningSink

before(async () => {
  ;({ sink, relay } = await relayBeforeSink(running, {
    config: WEB,

    commands: [['stream', 'change', 'bulk', '--track', 'opens', 'clicks']],
    serve: ['--workers', '2'],
  }))
})
after(() => running.disposeAsync())

/** By the API, and as the receiver got it. */
async function sent(
  to: string,
  more: object,
): Promise<{ readonly id: string; readonly content: string }> {
  const letter = { from: 'shop@shop.example', subject: 'Sale', text: 'Sale.', html: HTML }
  const asked = { ...letter, to, ...more }
  const { body, status } = await relay.ask('POST', '/messages?tenant=default', undefined, asked)
  assert.equal(status, 202, JSON.stringify(body))
  const { id } = body
  await outcomeOf(relay, id, 'delivered')
  const found = sink.messages.findLast(({ recipients }) => recipients.includes(to))
  assert.ok(found)
  return { id, content: String(found.content) }
}

/** The HTML, decoded. */
function htmlIn(content: string): string {
  return content
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
}

async function visit(
  link: string,
  agent: string,
): Promise<{ status: number; location: string | undefined }> {
  const { host, pathname } = new URL(link)
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number
    location: string | undefined
  }>()
  request(
    {
      ...{ host: '127.0.0.1', port: relay.portOf('web'), path: pathname, agent: false },
      headers: { host, 'user-agent': agent, 'x-forwarded-for': '198.51.100.7' },
    },
    (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode ?? 0, location: answer.headers.location })
    },
  )
    .once('error', reject)
    .end()
  return promise
}

test('A message of a stream that tracks is changed before it is signed; who opens it and follows a link is told, with who it probably was', async () => {
  const { content, id } = await sent('reader@example.net', { stream: 'bulk' })
  const html = htmlIn(content)
  const click = /href=\s*"(https:\/\/links\.relay\.example\/c\/[^"]+)"/.exec(html)?.[1] ?? ''
  const picture = /<img src="(https:\/\/links\.relay\.example\/o\/[^"]+)"/.exec(html)?.[1] ?? ''
  assert.match(html, /href="https:\/\/shop\.example\/unsubscribe"/)
  assert.deepEqual(await visit(click, BROWSER), {
    status: 302,
    location: 'https://shop.example/sale?a=1&b=2',
  })
  assert.equal((await visit(picture, 'Mozilla/5.0')).status, 200)
  const of = (type: string) => (event: Event) =>
    event.type === type && 'messageId' in event && event.messageId === id
  const clicked = await relay.waitForEvent(of('message.clicked'))
  assert.ok(clicked.type === 'message.clicked')
  assert.deepEqual(
    [clicked.link, clicked.recipient, clicked.agent, clicked.machine, clicked.peer],
    ['https://shop.example/sale?a=1&b=2', 'reader@example.net', 'desktop', null, '198.51.100.7'],
  )
  const opened = await relay.waitForEvent(of('message.opened'))
  assert.ok(opened.type === 'message.opened')
  assert.equal(opened.machine, 'privacy')
  const { events } = (await relay.json('trace', id)) as { events: readonly Event[] }
  const seen = events.map(({ type }) => type).filter((type) => /opened|clicked/.test(type))
  assert.deepEqual(seen.toSorted(), ['message.clicked', 'message.opened'])
})

test('A message says for itself what is counted, and one that asks for nothing goes out as it came', async () => {
  const none = htmlIn((await sent('none@example.net', { stream: 'bulk', track: [] })).content)
  assert.ok(none.includes(HTML) && !none.includes('links.relay.example'))
  const receipt = htmlIn((await sent('receipt@example.net', {})).content)
  assert.ok(receipt.includes(HTML) && !receipt.includes('links.relay.example'))
  const opens = htmlIn((await sent('opens@example.net', { track: ['opens'] })).content)
  assert.ok(opens.includes('/o/') && !opens.includes('/c/'))
})

test('Whichever worker is asked, the one that has the message writes it down', async () => {
  const links = Array.from({ length: 8 }, (_, at) => `https://shop.example/${at}`)
  const html = links.map((link) => `<p><a href="${link}">Shop</a></p>`).join('\r\n')
  const { content, id } = await sent('many@example.net', { html, track: ['clicks'] })
  const found = [...htmlIn(content).matchAll(/"(https:\/\/links\.relay\.example\/c\/[^"]+)"/g)]
  assert.equal(found.length, links.length)
  // Each by a connection of its own, which may come to the other worker.
  for (const [, link = ''] of found) assert.equal((await visit(link, BROWSER)).status, 302)
  const open = new Set(links)
  await relay.waitForEvent((event: Event) => {
    if (event.type === 'message.clicked' && event.messageId === id) open.delete(event.link)
    return open.size === 0
  })
})
