// SPDX-License-Identifier: Apache-2.0
/** Checks of sources against a real name server on loopback; records in memory, on a clock that a test turns. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { hours, minutes } from '../../base/brand.ts'
import { SystemClock } from '../../base/clock.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { SeededRandom } from '../../base/random.ts'
import { StubResolver } from '../../dns/stub-resolver.ts'
import { nameServer } from '../../dns/system-resolvers.ts'
import { type Misbehaviour, ZoneServer } from '../../dns/zone-server.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import { newSource, type SourceRecord } from '../../records/source.ts'
import type {
  Finding,
  SourceCheckup,
  SourceFindings,
  SourceFlaw,
} from '../../records/source-checkup.ts'
import type { Store } from '../../records/store.ts'
import { listName } from './blocklist.ts'
import { SourceCheckups } from './source-checkups.ts'
import type { ConfiguredSource } from './source-service.ts'

const V6 = '2600:1901:0:38d7::25'
const NAMES = `25.100.51.9.in-addr.arpa PTR mail.shop.example
mail.shop.example A 9.51.100.25
${listName(V6, 'ip6.arpa')} PTR six.shop.example
six.shop.example AAAA 2600:1901:0:38d7:0:0:0:25`
const LIST = '2.0.0.127.list.example A 127.0.0.2'
const LISTED = '25.100.51.9.list.example A 127.0.0.4\n25.100.51.9.list.example TXT "seen in a trap"'

function source(address: string | null, ehlo = 'mail.shop.example'): ConfiguredSource {
  return { name: 'out-1', address, localAddress: address, ehlo, proxy: null, pools: [] }
}

describe('Checks of a source', () => {
  let zone: ZoneServer | null
  let clock: ManualClock
  let kept: SourceCheckup | null
  let record: SourceRecord
  let said: string[]
  let asked: string[]
  let restOn: readonly SourceFlaw[]
  let configured: ConfiguredSource
  let onMachine: Finding
  let checkups: SourceCheckups

  const serve = async (text: string, misbehaviour: Record<string, Misbehaviour> = {}) => {
    await zone?.[Symbol.asyncDispose]()
    zone = await ZoneServer.start({
      zone: text,
      misbehaviour,
      onQuestion: ({ name, type }) => void asked.push(`${type} ${name}`),
    })
  }
  const look = async (): Promise<SourceFindings> => {
    const [checkup] = await checkups.check([configured])
    assert.ok(checkup)
    return checkup.findings
  }

  beforeEach(() => {
    zone = null
    clock = new ManualClock()
    kept = null
    record = newSource('out-1', clock.now())
    said = []
    asked = []
    restOn = []
    configured = source('9.51.100.25')
    onMachine = { state: 'ok', why: null }
    const store = {
      sources: {
        list: async () => [record],
        put: async (changed: SourceRecord) => {
          record = changed
        },
      },
      sourceCheckups: {
        list: async () => (kept === null ? [] : [kept]),
        put: async (checkup: SourceCheckup) => {
          kept = checkup
        },
      },
      transaction: (work: (inner: Store) => Promise<unknown>) => work(store as unknown as Store),
    }
    checkups = new SourceCheckups({
      records: { store, clock, random: new SeededRandom(1) } as unknown as RecordsContext,
      configured: () => [configured],
      announce: async (what, text) => void said.push(`${what} ${text}`),
      refresh: async () => {},
      resolver: async () => {
        assert.ok(zone)
        const servers = [nameServer(zone.address, zone.port, false)]
        return new StubResolver({ servers, clock: new SystemClock(), random: new SeededRandom(1) })
      },
      settings: () => ({
        every: hours(1),
        restOn,
        lists: [{ name: 'trap', zone: 'list.example' }],
      }),
      tryAddress: async () => onMachine,
    })
  })

  afterEach(() => zone?.[Symbol.asyncDispose]())

  it('find nothing where names lead back and no list has it', async () => {
    await serve(`${NAMES}\n${LIST}`)
    const { address, ehlo, lists, reverse } = await look()
    assert.deepEqual([address.state, reverse.state, ehlo.state], ['ok', 'ok', 'ok'])
    assert.deepEqual(lists, [{ list: 'trap', state: 'clear', why: null }])
    assert.deepEqual(said, [])
  })

  it('follow an IPv6 address by its nibbles, however it is written', async () => {
    await serve(`${NAMES}\n${listName('::ffff:7f00:2', 'list.example')} A 127.0.0.2
${listName(V6, 'list.example')} A 127.0.0.3`)
    configured = source('2600:1901:0:38D7:0000::25', 'six.shop.example')
    const { ehlo, lists, reverse } = await look()
    assert.deepEqual([reverse.state, ehlo.state], ['ok', 'ok'])
    assert.equal(lists[0]?.state, 'listed')
  })

  it('tell what is wrong with names, once, and when it is right again', async () => {
    await serve(`25.100.51.9.in-addr.arpa PTR other.example\nother.example A 9.9.9.9\n${LIST}`)
    const { ehlo, reverse } = await look()
    assert.match(reverse.why ?? '', /^other.example, the name of 9.51.100.25, does not lead back/)
    assert.match(ehlo.why ?? '', /^the EHLO name mail.shop.example has no A record$/)
    await look()
    assert.equal(said.length, 2)
    assert.ok(said.every((text) => text.startsWith('sourceMisnamed out-1: ')))
    await serve(`${NAMES}\n${LIST}`)
    await look()
    assert.ok(said.slice(2).every((text) => text.startsWith('sourceNamed out-1: no more so: ')))
    assert.equal(said.length, 4)
  })

  it('say where an address has no name at all, and where the EHLO name leads elsewhere', async () => {
    await serve(`mail.shop.example A 9.9.9.9\n${LIST}`)
    const { ehlo, reverse } = await look()
    assert.equal(reverse.why, '9.51.100.25 has no name in the reverse DNS (PTR)')
    assert.equal(
      ehlo.why,
      'the EHLO name mail.shop.example leads to 9.9.9.9 and not to 9.51.100.25',
    )
  })

  it('tell of a list that has it, with its code and its words', async () => {
    await serve(`${NAMES}\n${LIST}\n${LISTED}`)
    await look()
    assert.deepEqual(said, ['sourceListed out-1: trap has 9.51.100.25 (127.0.0.4): seen in a trap'])
    await serve(`${NAMES}\n${LIST}`)
    await look()
    assert.match(said[1] ?? '', /^sourceUnlisted out-1: no more so: trap has 9.51.100.25/)
  })

  it('never take "you may not ask" for a listing', async () => {
    for (const code of ['127.255.255.252', '127.255.255.254', '127.255.255.255', '127.0.0.1']) {
      await serve(`${NAMES}\n2.0.0.127.list.example A ${code}\n25.100.51.9.list.example A ${code}`)
      const { lists } = await look()
      assert.equal(lists[0]?.state, 'refused', code)
      assert.match(lists[0]?.why ?? '', /^trap cannot be asked: /)
    }
    await serve(`${NAMES}\n${LIST}\n25.100.51.9.list.example A 127.255.255.254`)
    assert.equal((await look()).lists[0]?.state, 'refused', 'only for the address itself')
    assert.deepEqual(said, [])
  })

  it('notice a resolver that answers for all names, and one that denies all', async () => {
    await serve(`${NAMES}\n${LIST}\n1.0.0.127.list.example A 127.0.0.2\n${LISTED}`)
    assert.match((await look()).lists[0]?.why ?? '', /something answers for all/)
    await serve(`${NAMES}\n1.0.0.127.list.example A 203.0.113.7\n${LISTED}`)
    assert.match((await look()).lists[0]?.why ?? '', /203.0.113.7 is no answer of a list/)
    await serve(NAMES)
    assert.match((await look()).lists[0]?.why ?? '', /something denies all/)
    assert.deepEqual(said, [])
  })

  it('ask nobody about an address that is not known, or that no receiver sees', async () => {
    await serve(NAMES)
    configured = source(null)
    assert.equal((await look()).reverse.state, 'skipped')
    configured = source('10.0.0.5')
    const { lists, reverse } = await look()
    assert.match(reverse.why ?? '', /10.0.0.5 is a private address: say public_address/)
    assert.deepEqual([lists, asked], [[], []])
    configured = { ...configured, address: '9.51.100.25' }
    assert.equal((await look()).reverse.state, 'ok')
  })

  it('tell of an address that this machine has no more', async () => {
    await serve(`${NAMES}\n${LIST}`)
    onMachine = { state: 'wrong', why: '9.51.100.25 is not on this machine' }
    await look()
    onMachine = { state: 'unknown', why: 'too many open files' }
    assert.equal((await look()).address.state, 'wrong', 'nobody has seen it since')
    assert.deepEqual(said, ['sourceMissing out-1: 9.51.100.25 is not on this machine'])
  })

  it('tell nothing of an address that could not be tried', async () => {
    restOn = ['address']
    await serve(`${NAMES}\n${LIST}`)
    onMachine = { state: 'unknown', why: 'too many open files' }
    assert.equal((await look()).address.state, 'unknown')
    assert.deepEqual([said, record.state.kind], [[], 'active'])
  })

  it('let a source rest for what the configuration names, and send again once it is gone for sure', async () => {
    restOn = ['listed']
    await serve(`${LIST}\n${LISTED}`)
    await look()
    assert.deepEqual(record.state, {
      kind: 'resting',
      until: null,
      reason: 'trap has 9.51.100.25 (127.0.0.4): seen in a trap',
      by: 'its checks',
    })
    await serve(NAMES)
    await look()
    assert.equal(record.state.kind, 'resting', 'a list that cannot be asked has not let it go')
    await serve(LIST)
    await look()
    assert.equal(record.state.kind, 'active')
    assert.ok(said.some((text) => text.startsWith('sourceResting out-1: rests by itself, since ')))
  })

  it('leave alone what a person has decided', async () => {
    restOn = ['listed']
    await serve(`${LIST}\n${LISTED}`)
    await look()
    record = { ...record, state: { kind: 'active' } }
    await look()
    assert.equal(record.state.kind, 'active', 'resumed by a person who knows of the listing')
    record = { ...record, state: { kind: 'resting', until: null, reason: 'x', by: 'anna' } }
    await serve(LIST)
    await look()
    assert.equal(record.state.kind, 'resting')
  })

  it('keep what was wrong while nobody answers', async () => {
    await serve(`25.100.51.9.in-addr.arpa PTR other.example\n${LIST}\n${LISTED}`)
    await look()
    const before = said.length
    await serve(LIST, {
      '25.100.51.9.in-addr.arpa': 'servfail',
      'mail.shop.example': 'servfail',
      '25.100.51.9.list.example': 'servfail',
    })
    const { lists, reverse } = await look()
    assert.deepEqual([reverse.state, lists[0]?.state], ['wrong', 'listed'])
    assert.equal(said.length, before)
  })

  it('come at the start, every hour after, and at once for another address', async () => {
    await serve(`${NAMES}\n${LIST}`)
    const rounds = async () => {
      asked = []
      await checkups.checkDue()
      return asked.filter((name) => name.startsWith('PTR')).length
    }
    assert.equal(await rounds(), 1)
    assert.equal(await rounds(), 0)
    clock.advance(minutes(50))
    assert.equal(await rounds(), 0)
    clock.advance(minutes(20))
    assert.equal(await rounds(), 1)
    configured = source('9.51.100.26')
    assert.equal(await rounds(), 1)
  })
})
