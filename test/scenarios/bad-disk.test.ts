// SPDX-License-Identifier: Apache-2.0
/**
 * A disk that fails under a real relay, one way after the other: every write and sync of the process, SQLite's too, goes
 * through `test/faults/disk-shim.c`. Each time clients are put off, `/readyz` says why, the log says so once, what can be
 * delivered is, and when the disk works again the relay takes mail again by itself.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type DiskFault, DiskShim, unlessCompilable } from '../faults/disk-shim.ts'
import { DataDirectory } from '../support/data-directory.ts'
import { until } from '../support/in-time.ts'
import { outcomeOf } from '../support/outcomes.ts'
import { routeTo, trustLoopback } from '../support/relay-config.ts'
import { messageText, openSession, send } from '../support/relay-mail.ts'
import { RunningRelay } from '../support/running-relay.ts'
import { type RunningSink, startSink } from '../support/running-sink.ts'

const MAIL = 'MAIL FROM:<orders@shop.example>'
const FAILED = '452 4.3.1 Local error in storage'
const skip = await unlessCompilable()

const running = new AsyncDisposableStack()
let shim: DiskShim
let sink: RunningSink
let relay: RunningRelay
/** Everything that was answered 250. */
const accepted: string[] = []

before(async () => {
  if (skip !== false) return
  shim = running.use(await DiskShim.compile())
  sink = running.use(await startSink())
  relay = running.use(
    await RunningRelay.start({
      domains: ['shop.example'],
      config: `${trustLoopback}${routeTo(sink.port)}`,
      environment: { ...process.env, ...shim.faulty },
    }),
  )
})

after(() => running.disposeAsync())

interface Trouble {
  readonly what: string
  readonly faults: readonly DiskFault[]
  /** The reply to the content of a message that is being handed in when it begins. */
  readonly reply: RegExp
  readonly why: RegExp
  /** Outcomes can be recorded. */
  readonly delivers: boolean
}

const troubles: readonly Trouble[] = [
  {
    what: 'fails to write mail',
    faults: [{ operation: 'write', path: '/mail-', does: 'EIO' }],
    reply: /^452 4\.3\.1 Local error in storage/,
    why: /^EIO: i\/o error, write$/,
    delivers: true,
  },
  {
    what: 'fails to sync mail',
    faults: [{ operation: 'sync', path: '/mail-', does: 'EIO' }],
    reply: /^452 4\.3\.1 Local error in storage/,
    why: /^EIO: i\/o error, fdatasync$/,
    delivers: true,
  },
  {
    what: 'fails to write events',
    faults: [{ operation: 'write', path: '/event-', does: 'EIO' }],
    reply: /^250 /,
    why: /^EIO: i\/o error, write$/,
    delivers: false,
  },
  {
    what: 'fails to sync events',
    faults: [{ operation: 'sync', path: '/event-', does: 'EIO' }],
    reply: /^250 /,
    why: /^EIO: i\/o error, fdatasync$/,
    delivers: false,
  },
  {
    what: 'fails to write the index',
    faults: [{ operation: 'write', path: '/index.sqlite', does: 'EIO' }],
    reply: /^250 /,
    why: /disk I\/O error/,
    delivers: true,
  },
  {
    what: 'has become read-only',
    faults: [{ operation: 'any', path: '/journal-', does: 'EROFS' }],
    reply: /^452 4\.3\.1 Local error in storage/,
    why: /^EROFS: read-only file system/,
    delivers: false,
  },
]

for (const { what, faults, reply, why, delivers } of troubles)
  test(`A disk that ${what}: 452 4.3.1 and the reason, and all goes on when it works again`, {
    skip,
  }, async () => {
    await relay.json('queue', 'suspend', '*later.example', '--reason', 'test')
    const waiting = await taken({ to: ['ann@later.example'] })
    // Looking brings the index up to date.
    for (const { queue } of await queues()) await relay.json('queue', 'show', queue)
    shim.fault(...faults)
    const answer = await handIn()
    assert.match(answer, reply)
    await relay.untilReadiness('not ready')
    assert.match((await relay.readiness()).why, why)
    assert.equal((await fetch(`http://127.0.0.1:${relay.operationsPort}/healthz`)).status, 200)
    await using session = await openSession(relay)
    assert.equal(await session.say(MAIL), FAILED)
    await relay.json('queue', 'resume', '*later.example')
    if (delivers) await outcomeOf(relay, waiting, 'delivered')
    assert.equal(await session.say(MAIL), FAILED)
    assert.equal(complaints().length, 1, complaints().join('\n'))
    shim.fault()
    await relay.untilReadiness('ready')
    assert.equal(complaints().length, 2, complaints().join('\n'))
    const next = await taken({ to: ['ann@soon.example'] })
    for (const id of [waiting, next]) await outcomeOf(relay, id, 'delivered')
    await relay.stop()
    await relay.restart()
    for (const id of accepted) await outcomeOf(relay, id, 'delivered')
  })

test('A disk that is 100 times slower: mail is taken and delivered, and readiness says why it takes time', {
  skip,
}, async () => {
  shim.fault(
    { operation: 'write', path: '/journal-', does: 20 },
    { operation: 'sync', path: '/journal-', does: 400 },
  )
  for (let at = 0; at < 8; at++) await taken({ to: [`${at}@soon.example`] })
  const { status, why } = await relay.readiness()
  assert.equal(status, 'ready')
  assert.match(why, /^taking mail; the disk is slow: a sync takes \d+\.\d s$/)
  assert.equal(relay.log.match(/the disk of the spool is slow/g)?.length, 1)
  for (const id of accepted) await outcomeOf(relay, id, 'delivered')
  shim.fault()
  await until(
    async () => {
      await taken({ to: ['ann@soon.example'] })
      return (await relay.readiness()).why === 'taking mail'
    },
    () => `the disk is not found fast again:\n${relay.log}`,
  )
})

test('After all that each message has arrived once, and nothing is damaged', { skip }, async () => {
  for (const id of accepted) await outcomeOf(relay, id, 'delivered')
  const counts = Map.groupBy(sink.messages, ({ content }) => idIn(content))
  for (const id of accepted) assert.equal(counts.get(id)?.length, 1, id)
  assert.equal(sink.messages.length, accepted.length)
  assert.deepEqual(await relay.stop(), { code: 0, signal: null })
  const { code, problems } = await new DataDirectory(relay).verify()
  assert.deepEqual(problems, [])
  assert.equal(code, 0)
  shim.fault({ operation: 'any', path: '/data/', does: 'EROFS' })
  await assert.rejects(relay.restart(), /ended with 74:[\s\S]*EROFS: read-only file system/)
})

async function queues() {
  const { queues: all } = (await relay.json('queue', 'list')) as {
    readonly queues: readonly { readonly queue: string }[]
  }
  return all
}

async function taken(mail: { readonly to: readonly string[] }): Promise<string> {
  const id = await send(relay, mail)
  accepted.push(id)
  return id
}

/** The reply to a message that gets as far as its content, whatever that is. */
async function handIn(): Promise<string> {
  await using session = await openSession(relay)
  assert.match(await session.say(MAIL), /^250 /)
  assert.match(await session.say('RCPT TO:<ann@soon.example>'), /^250 /)
  assert.match(await session.say('DATA'), /^354 /)
  const answer = await session.say(`${messageText()}.`)
  const id = /queued as (\w+)/.exec(answer)?.[1]
  if (id !== undefined) accepted.push(id)
  return answer
}

/** Lines of the log in which an operator is told that the disk fails; on a busy machine it may be slow as well. */
function complaints(): readonly string[] {
  return relay.log
    .split('\n')
    .filter((line) => /"level":"(warn|error)"|works again/.test(line))
    .filter((line) => !line.includes('the disk of the spool is slow'))
}

/** Our own Received field names it. */
function idIn(content: Buffer | string): string {
  return /\bid (\w{26})/.exec(content.toString())?.[1] ?? 'none'
}
