// SPDX-License-Identifier: Apache-2.0
/** The first mail of a campaign says when it goes and how fast; a person has the last word. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CampaignAnswer } from '../../src/api/resources/campaign-fields.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, sendBySmtp } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { startSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let relay: RunningRelay

before(async () => {
  const sink = running.use(await startSink())
  const config = trustLoopback + routeTo(sink.port)
  relay = running.use(await RunningRelay.start({ config, domains: ['shop.example'] }))
})

after(() => running.disposeAsync())

/** The reply. */
function submit(fields: string): Promise<string> {
  const content = fields + messageText()
  const rcpt = ['<reader@example.net>']
  return sendBySmtp(relay, { mail: '<orders@shop.example>', rcpt, content })
}

async function untilDelivered(reply: string): Promise<void> {
  await outcomeOf(relay, /[0-9A-Z]{26}/.exec(reply)?.[0] ?? assert.fail(reply), 'delivered')
}

/** Status and text of the answer. */
async function ask(method: string, path: string, body?: object): Promise<string> {
  const answer = await fetch(`${relay.api}${path}?tenant=default`, {
    method,
    headers: { authorization: `Bearer ${relay.adminKey}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return `${answer.status} ${await answer.text()}`
}

async function show(name: string): Promise<CampaignAnswer> {
  const text = await ask('GET', `/campaigns/${name}`)
  return JSON.parse(text.slice(4)) as CampaignAnswer
}

test('What the first mail says is kept, and its mail waits; somebody may take that away for good', async () => {
  const hour = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString().slice(11, 16)
  const window = `${hour(2)}-${hour(3)} UTC`
  const fields = `X-Posthaste-Campaign: easter\r\nX-Posthaste-Send-Window: ${window}\r\n`
  const first = await submit(fields)
  const later = await submit(`${fields}X-Posthaste-Pace: 1/1h\r\n`)
  const { pace, sendWindow, spreadBy, waiting } = await show('easter')
  assert.deepEqual([sendWindow, pace, spreadBy, waiting], [window, null, 'mail', 2])
  const explained = await relay.cli('explain', 'reader@example.net')
  assert.match(
    explained.stdout,
    /^2 of campaign easter of tenant default wait: the window of its campaign .*, which opens at /m,
  )
  const { stdout } = await relay.cli('campaign', 'show', 'easter', '--tenant', 'default')
  assert.match(stdout, /UTC, as its mail says$/m)
  await relay.waitForEvent(
    (event) =>
      event.type === 'campaign.changed' &&
      'text' in event &&
      event.text === `mail of campaign easter of tenant default says when it goes: ${window}`,
  )
  assert.match(await ask('PATCH', '/campaigns/easter', { sendWindow: null }), /^200 /)
  await untilDelivered(first)
  await untilDelivered(later)
  await untilDelivered(await submit(fields))
  assert.equal((await show('easter')).spreadBy, 'person')
})

test('A wish that cannot be read, or is of no campaign, is refused with what would be right', async () => {
  assert.match(
    await submit('X-Posthaste-Pace: 500000/6h\r\n'),
    /^550 5\.6\.0 X-Posthaste-Pace: .*the message names none: add X-Posthaste-Campaign/s,
  )
  const mail = {
    from: { address: 'orders@shop.example' },
    to: [{ address: 'reader@example.net' }],
    text: 'Spring.',
  }
  const send = (more: object) => ask('POST', '/messages', { ...mail, ...more })
  assert.match(
    await send({ campaign: 'may', pace: 'slowly' }),
    /^422 .*is no pace: expected so many/,
  )
  assert.match(await send({ pace: '10/1h' }), /^422 .*names none: add X-Posthaste-Campaign/s)
  assert.match(await send({ campaign: 'may', pace: '3600/1h', sandbox: true }), /^202 /)
  assert.equal((await show('may')).spreadBy, null, 'the sandbox decides nothing')
  assert.match(await send({ campaign: 'may', pace: '3600/1h' }), /^202 /)
  const { pace, spreadBy } = await show('may')
  assert.deepEqual([pace, spreadBy], ['3600/1 h', 'mail'])
})
