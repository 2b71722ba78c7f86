// SPDX-License-Identifier: Apache-2.0
/** Mail that goes to nobody: it runs through everything, comes to every end that mail can come to, and none of it leaves. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Event, ReceivedEvent } from '../../src/events/event.ts'
import { outcomeOf, reportTo } from '../support/outcomes.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, send, sendBySmtp, transact } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const running = new AsyncDisposableStack()
let world: RunningSink
let relay: RunningRelay

before(async () => {
  world = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      submission: 'clear_text_auth = "loopback"\n',
      config: `${trustLoopback + routeTo(world.port)}[web]\naddress = "127.0.0.1:0"\nurl = "https://links.example"\n`,
      commands: [['stream', 'add', 'trial', '--kind', 'transactional', '--sandbox']],
    }),
  )
})

after(() => running.disposeAsync())

async function post(body: object): Promise<string> {
  const letter = { from: 'orders@shop.example', text: 'Hello', ...body }
  const answer = await relay.ask('POST', '/messages?tenant=default', relay.adminKey, letter)
  assert.ok(answer.body.id, `HTTP ${answer.status}`)
  return answer.body.id
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
async function items(path: string): Promise<readonly any[]> {
  return (await relay.ask('GET', path)).body.items
}

/** The first such event about a message. */
function eventOf(id: string, type: string): Promise<Event> {
  return relay.waitForEvent(
    (event): event is Event =>
      event.type === type && 'messageId' in event && event.messageId === id,
  )
}

async function metric(name: string): Promise<readonly string[]> {
  return (await relay.metrics()).split('\n').filter((line) => line.startsWith(`posthaste_${name}{`))
}

function idIn(reply: string): string {
  return /queued as (\w+)/.exec(reply)?.[1] ?? ''
}

describe('the sandbox', () => {
  it('takes, signs and delivers a message, and says of each event that nobody got it', async () => {
    const id = await post({ to: ['ann@example.net', 'bob@example.org'], sandbox: true })
    const received = (await eventOf(id, 'message.received')) as ReceivedEvent
    assert.equal(received.sandbox, true)
    assert.equal(received.signedBy.length, 2)
    for (const recipient of ['ann@example.net', 'bob@example.org']) {
      const delivered = await outcomeOf(relay, id, 'delivered', recipient)
      assert.equal(delivered.sandbox, true)
      assert.equal(delivered.site, 'simulator.invalid')
      assert.equal(delivered.source, 'sandbox')
      assert.match(delivered.mx ?? '', /^simulator\.invalid\[127\.0\.0\.1\]/)
    }
  })

  it('passes the gate as other mail does', async () => {
    await assert.rejects(post({ from: 'a@other.example', to: 'ann@example.net', sandbox: true }), {
      message: 'HTTP 422',
    })
  })

  it('is kept from whom the tenant suppresses, and that is of the sandbox too', async () => {
    await relay.json('suppression', 'add', 'gone@example.net')
    const id = await post({ to: 'gone@example.net', sandbox: true })
    assert.equal((await outcomeOf(relay, id, 'suppressed')).sandbox, true)
  })

  it('is chosen by a field of the message, by a stream, and by a credential', async () => {
    const byField = idIn(
      await sendBySmtp(relay, {
        mail: '<orders@shop.example>',
        rcpt: ['<ann@example.net>'],
        content: `X-Posthaste-Sandbox: true\r\n${messageText()}`,
      }),
    )
    const byStream = await send(relay, { to: ['ann@example.net'], stream: 'trial' })
    const made = await relay.json('credential', 'add', '--label', 'ci', '--sandbox')
    const { secret } = made as { secret: string }
    await using dialog = await openSession(relay)
    const login = Buffer.from(`\0me\0${secret}`).toString('base64')
    assert.match(await dialog.say(`AUTH PLAIN ${login}`), /^235 /)
    const byCredential = idIn(
      await transact(dialog, {
        mail: '<orders@shop.example>',
        rcpt: ['<ann@example.net>'],
        // What is of the sandbox nobody takes out of it.
        content: `X-Posthaste-Sandbox: false\r\n${messageText()}`,
      }),
    )
    for (const id of [byField, byStream, byCredential])
      assert.equal((await outcomeOf(relay, id, 'delivered')).sandbox, true)
  })

  it('refuses a field that is neither true nor false', async () => {
    const reply = await sendBySmtp(relay, {
      mail: '<orders@shop.example>',
      rcpt: ['<ann@example.net>'],
      content: `X-Posthaste-Sandbox: yes\r\n${messageText()}`,
    })
    assert.match(reply, /^550 5\.6\.0 X-Posthaste-Sandbox: expected true or false/)
  })

  it('keeps the delivery report about its mail too', async () => {
    await sendBySmtp(relay, {
      mail: '<reports@shop.example>',
      rcpt: ['<bounce@simulator.invalid>'],
      content: `X-Posthaste-Sandbox: true\r\n${messageText({ from: 'reports@shop.example' })}`,
    })
    const report = await reportTo(relay, 'reports@shop.example')
    assert.equal(report.sandbox, true)
    assert.equal((await outcomeOf(relay, report.messageId, 'delivered')).sandbox, true)
  })

  it('has sent nothing into the world, and is in none of the numbers but its own', async () => {
    assert.equal(world.messages.length, 0)
    assert.deepEqual(await metric('outcomes_total'), [])
    assert.deepEqual(await metric('received_messages_total'), [])
    assert.ok((await metric('sandbox_events_total')).length > 0)
  })
})

describe('test addresses, for mail that is not of the sandbox', () => {
  it('end as their names say', async () => {
    const delivered = await post({ to: 'delivered+1@simulator.invalid' })
    assert.equal((await outcomeOf(relay, delivered, 'delivered')).sandbox, true)
    const bounced = await outcomeOf(
      relay,
      await post({ to: 'Bounce@simulator.invalid' }),
      'bounced',
    )
    assert.equal(bounced.reply.enhanced, '5.1.1')
    assert.equal(bounced.sandbox, true)
    const blocked = await outcomeOf(
      relay,
      await post({ to: 'blocked@simulator.invalid' }),
      'bounced',
    )
    assert.equal(blocked.reply.enhanced, '5.7.1')
    const soft = await post({ to: 'soft-bounce@simulator.invalid' })
    assert.equal((await outcomeOf(relay, soft, 'deferred')).reply.enhanced, '4.2.2')
    const typo = await outcomeOf(relay, await post({ to: 'bonce@simulator.invalid' }), 'bounced')
    assert.match(typo.reply.text, /there are delivered, bounce, blocked, soft-bounce/)
  })

  it('take at the second attempt what was put off at the first', async () => {
    const id = await post({ to: 'greylist@simulator.invalid' })
    await outcomeOf(relay, id, 'deferred')
    await relay.json('queue', 'retry', 'transactional:default@simulator.invalid')
    assert.equal((await outcomeOf(relay, id, 'delivered')).attempt, 2)
  })

  it('send back what other servers would, and it finds its message', async () => {
    const html = '<p><a href="https://shop.example/">Shop</a></p>'
    const ids = {
      'message.bounced': await post({ to: 'later-bounce@simulator.invalid' }),
      'message.complained': await post({ to: 'complaint@simulator.invalid' }),
      'message.unsubscribed': await post({ to: 'unsubscribe@simulator.invalid' }),
      'report.received': await post({ to: 'auto-reply@simulator.invalid' }),
      'message.opened': await post({ to: 'open@simulator.invalid', html, track: ['opens'] }),
      'message.clicked': await post({ to: 'click@simulator.invalid', html, track: ['clicks'] }),
    }
    for (const [type, id] of Object.entries(ids)) {
      await outcomeOf(relay, id, 'delivered')
      const event = await eventOf(id, type)
      if ('certainty' in event) assert.equal(event.certainty, 'proven')
      assert.equal('sandbox' in event && event.sandbox, true)
    }
  })

  it('suppress nobody, and leave neither the relay nor numbers of others', async () => {
    const all = await items('/suppressions')
    assert.deepEqual(
      all.map(({ address }) => address),
      ['gone@example.net'],
    )
    assert.equal(world.messages.length, 0)
    assert.deepEqual(await metric('outcomes_total'), [])
    assert.deepEqual(await metric('feedback_total'), [])
    assert.deepEqual(await metric('reports_total'), [])
    assert.deepEqual(await metric('hits_total'), [])
  })

  it('go beside other recipients of a message, who get it', async () => {
    const id = await post({ to: ['ann@example.net', 'bounce@simulator.invalid'] })
    const delivered = await outcomeOf(relay, id, 'delivered')
    assert.equal(delivered.recipient, 'ann@example.net')
    assert.equal('sandbox' in delivered, false)
    assert.equal((await outcomeOf(relay, id, 'bounced')).recipient, 'bounce@simulator.invalid')
    assert.equal(world.messages.length, 1)
  })
})

describe('whoever else finds the port of the simulated receiver', () => {
  it('cannot make up a complaint about mail that went out', async () => {
    await outcomeOf(relay, await post({ to: 'ann@example.net' }), 'delivered')
    const reversePath = world.messages.at(-1)?.reversePath ?? ''
    assert.match(reversePath, /^[0-9a-z]{60}@bounce\.shop\.example$/)
    const mx = (
      await outcomeOf(relay, await post({ to: 'delivered@simulator.invalid' }), 'delivered')
    ).mx
    const port = Number(mx?.split(':').at(-1))
    await sendBySmtp(
      { port },
      { mail: `<${reversePath}>`, rcpt: ['<complaint@simulator.invalid>'] },
    )
    // What came later is there, and nothing of this.
    const later = await post({ to: 'complaint@simulator.invalid' })
    for await (const event of relay.events) {
      if (event.type !== 'message.complained') continue
      assert.equal(event.recipient, 'complaint@simulator.invalid')
      if (event.messageId === later) break
    }
  })
})

describe('after a crash', () => {
  it('mail of the sandbox that waits is of the sandbox still', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const id = await post({ to: 'ann@waiting.example', sandbox: true, sendAt })
    const before = world.messages.length
    await relay.kill()
    await relay.restart()
    await relay.json('queue', 'retry', 'transactional:default@simulator.invalid')
    assert.equal((await outcomeOf(relay, id, 'delivered')).sandbox, true)
    assert.equal(world.messages.length, before)
  })
})
