// SPDX-License-Identifier: Apache-2.0
/** How sessions end by themselves, by a clock that the test turns. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { goodnessOf, whileGood } from '../../src/api/http/while-good.ts'
import { days, hours, minutes, seconds } from '../../src/base/brand.ts'
import { Keyring } from '../../src/base/keyring.ts'
import { sessionLimits } from '../../src/base/limits/login-limits.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { type Beginning, PersonSessions } from '../../src/control/people/person-sessions.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import type { Person, PersonId } from '../../src/records/people/person.ts'
import { nobody } from '../../src/records/people/person-service.ts'
import type { Store } from '../../src/records/store.ts'

const client = { address: '192.0.2.1', userAgent: 'x'.repeat(500) }

describe('A session', () => {
  let folder: string
  let store: Store
  let clock: ManualClock
  let sessions: PersonSessions
  let ann: Person

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthaste-sessions-'))
    store = await openSqliteStore(join(folder, 'records.sqlite'))
    clock = new ManualClock()
    const random = new SystemRandom()
    const keyring = new Keyring(new Map([[1, Buffer.alloc(32)]]), random)
    sessions = new PersonSessions({ store, clock, random, keyring }, () => ({
      idle: hours(12),
      longest: days(7),
    }))
    ann = {
      ...nobody,
      ...{ id: 'ANN' as PersonId, tenant: null, email: 'a@b.example', name: 'Ann', role: 'owner' },
      createdAt: clock.now(),
    }
    await store.people.put(ann)
  })

  afterEach(async () => {
    await store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const begin = (): Promise<Beginning> => sessions.begin(store, ann, 'password', client)

  it('ends when it was not used for as long as it may be idle', async () => {
    const { token } = await begin()
    clock.advance(hours(11))
    assert.ok(await sessions.find(token.text, '192.0.2.2'))
    clock.advance(hours(11))
    const found = await sessions.find(token.text, '192.0.2.3')
    assert.equal(found?.session.address, '192.0.2.3', 'as it was used last')
    clock.advance(hours(12))
    assert.equal(await sessions.find(token.text, '192.0.2.2'), null)
  })

  it('ends in any case after its longest time', async () => {
    const { token } = await begin()
    for (let day = 0; day < 14; day++) {
      assert.ok(await sessions.find(token.text, '192.0.2.1'), `half-day ${day}`)
      clock.advance(minutes(12 * 60 - 1))
    }
    clock.advance(minutes(14))
    assert.equal(await sessions.find(token.text, '192.0.2.1'), null)
  })

  it('is written down no more than once a minute', async () => {
    const { session, token } = await begin()
    clock.advance(minutes(0.5))
    assert.deepEqual((await sessions.find(token.text, 'x'))?.session.seenAt, session.seenAt)
    clock.advance(minutes(0.5))
    assert.deepEqual((await sessions.find(token.text, 'x'))?.session.seenAt, clock.now())
  })

  for (const [what, end] of [
    ['a logout', ({ session }: Beginning) => sessions.end(session.id)],
    ['its time', () => clock.advance(hours(13))],
    ['its person', () => store.people.put({ ...ann, isDisabled: true })],
  ] as const)
    it(`takes what streams to it with it: ${what}`, async () => {
      const begun = await begin()
      const own = { person: ann, session: begun.session }
      const isGood = goodnessOf(
        { kind: 'person', own, address: '192.0.2.1' },
        { records: { clock }, people: { sessions }, directory: () => assert.fail('for keys') },
      )
      const gone = new AbortController()
      const seen: string[] = []
      for await (const text of whileGood(texts(clock, gone.signal), isGood, gone)) {
        seen.push(text)
        if (seen.length === 3) await end(begun)
      }
      assert.deepEqual(seen, ['0', '1', '2'])
    })

  it('is one of so many of a person: another login ends the oldest', async () => {
    const first = await begin()
    for (let more = 0; more < sessionLimits.perPerson; more++) {
      clock.advance(minutes(1))
      await begin()
    }
    assert.equal((await sessions.of(ann)).length, sessionLimits.perPerson)
    assert.equal(await sessions.find(first.token.text, 'x'), null)
    assert.equal(first.session.userAgent.length, sessionLimits.userAgentCharacters)
  })

  it('is removed some time after it has ended', async () => {
    await begin()
    clock.advance(hours(1))
    await begin()
    clock.advance(hours(11.5))
    assert.equal(await sessions.removeOld(), 1)
    assert.equal((await store.sessions.of(ann.id)).length, 1)
  })
})

/** One a second. */
async function* texts(clock: ManualClock, signal: AbortSignal): AsyncIterable<string> {
  for (let number = 0; !signal.aborted; number++) {
    yield String(number)
    clock.advance(seconds(1))
  }
}
