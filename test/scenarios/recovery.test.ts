// SPDX-License-Identifier: Apache-2.0
/** An outage, mail that expired in it, and that mail sent again: each recipient once, from the workers that have it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FailureAnswer, RetryAnswer } from '../../src/api/resources/failures.ts'
import type { Event } from '../../src/events/event.ts'
import { journalOf, type MessageId } from '../../src/events/ids.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { PoliteReceiver } from '../support/polite-receiver.ts'
import { routeTo } from '../support/relay-config.ts'
import { send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'

/** A content file of its own. */
const LONG = 'All of it again.\r\n'.repeat(20_000)
const running = new AsyncDisposableStack()
let isDown = true
let receiver: PoliteReceiver
let relay: RunningRelay
const ids = new Map<string, MessageId>()

before(async () => {
  const answer = (line: string) =>
    isDown && line.startsWith('RCPT ') ? '451 4.3.2 System not accepting messages' : undefined
  receiver = running.use(await PoliteReceiver.start({ answer }))
  const schedule = ['--no-reports', '--retry-after', '100ms,300ms', '--expires-after', '3s']
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: routeTo(receiver.port),
      commands: [['stream', 'add', 'quick', '--kind', 'transactional', ...schedule]],
      serve: ['--workers', '2'],
    }),
  )
  for (const name of ['ann', 'bob', 'cat', 'dan', 'eve', 'fay']) {
    const text = name === 'ann' ? LONG : `Hello ${name}.`
    const mail = { to: [`${name}@example.net`], stream: 'quick', text }
    ids.set(name, (await send(relay, mail)) as MessageId)
  }
  for (const id of ids.values()) await outcomeOf(relay, id, 'expired')
})

after(() => running.disposeAsync())

interface Wish {
  readonly stream?: string
  readonly domain?: string
  readonly trial?: true
}

/** One page is enough here. */
async function retry(wish: Wish = {}, key = relay.adminKey): Promise<RetryAnswer> {
  const asked = { cause: 'receiver-trouble', ...wish }
  const { body, status } = await relay.ask('POST', '/failures/retry', key, asked)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

function numbersOf({ already, gone, later, refused, sent, suppressed, unanswered }: RetryAnswer) {
  return { already, gone, later, refused, sent, suppressed, unanswered }
}

const none = { already: 0, gone: 0, later: 0, refused: 0, sent: 0, suppressed: 0, unanswered: 0 }

function sentTo(): readonly string[] {
  return receiver.seen.flatMap(({ rcpt }) => rcpt.map((line) => line.slice(9, 12))).sort()
}

test('What expired in an outage is sent again by whoever has it, once, and never to the suppressed', async () => {
  assert.equal(new Set([...ids.values()].map(journalOf)).size, 2, 'both workers have some')
  await relay.json('suppression', 'add', 'fay@example.net', '--tenant', 'default')
  isDown = false
  const answers = await waitFor(6)
  assert.deepEqual(numbersOf(answers), { ...none, sent: 5, suppressed: 1 })
  assert.deepEqual(sentTo(), [])
  assert.deepEqual(numbersOf(await retry({ domain: 'example.org' })), none)
  assert.deepEqual(numbersOf(await retry({ stream: 'bulk' })), none)
  const { stdout } = await relay.cli('recover', 'retry', '--cause', 'receiver-trouble')
  assert.equal(
    stdout,
    '5 recipients of mail that failed by receiver-trouble were sent it again.\n1 are suppressed.\n',
  )
  const delivered = new Set<string>()
  await relay.waitForEvent((event: Event) => {
    if (event.type === 'message.delivered') delivered.add(event.recipient)
    return delivered.size === 5
  })
  assert.deepEqual(numbersOf(await retry()), { ...none, already: 5, suppressed: 1 })
  assert.deepEqual(sentTo(), ['ann', 'bob', 'cat', 'dan', 'eve'])
  assert.ok(receiver.sentTo('ann')?.content.includes(LONG))
})

test('Both messages say of each other, in their timelines', async () => {
  const old = ids.get('bob')
  assert.ok(old)
  const { stdout } = await relay.cli('trace', old, '--brief')
  const again = /retried .* again as (\w{26}), by local/.exec(stdout)?.[1]
  assert.ok(again, stdout)
  const { events } = (await relay.json('trace', again)) as { events: readonly Event[] }
  const [received] = events
  assert.ok(received?.type === 'message.received')
  assert.equal(received.retryOf, old)
  assert.equal(journalOf(received.messageId), journalOf(old), 'its own worker sent it')
})

test('The list says who was sent it again, and what works since', async () => {
  const listed = async () => {
    const { items } = (await relay.json('recover', 'list')) as { items: readonly FailureAnswer[] }
    return items.map(({ cause, recipients, retried }) => [cause, recipients, retried])
  }
  // The search view reads what happened a moment later.
  for (let asked = 0; asked < 20 && (await listed())[0]?.[2] !== 5; asked++);
  assert.deepEqual(await listed(), [['receiver-trouble', 6, 5]])
})

test('A relay that was killed and begins again sends nothing twice, and a key of the tenant may ask', async () => {
  await relay.kill()
  await relay.restart(['--workers', '2'])
  await relay.untilReadiness('ready')
  const label = ['--label', 'x', '--tenant', 'default']
  const { secret } = (await relay.json('key', 'add', ...label, '--scope', 'setup')) as {
    secret: string
  }
  const answer = await retry({}, secret)
  assert.deepEqual(numbersOf(answer), { ...none, already: 5, suppressed: 1 })
})

/** A trial that looks at so many: the view that finds them is a little behind. */
async function waitFor(recipients: number): Promise<RetryAnswer> {
  for (;;) {
    const answer = await retry({ trial: true })
    const seen = Object.values(numbersOf(answer)).reduce((sum, number) => sum + number, 0)
    if (seen === recipients) return answer
  }
}
