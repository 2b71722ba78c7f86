// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { days, instant } from '../base/brand.ts'
import { Keyring } from '../base/keyring.ts'
import { engagementLimits } from '../base/limits/engagement-limits.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { SeededRandom } from '../base/random.ts'
import { AddressHasher } from '../protocol/address-hash.ts'
import type { Mailbox } from '../protocol/mailbox.ts'
import { dayOf } from '../queue/warm-up/signals.ts'
import { defaultPolicy } from '../queue/warm-up/thresholds.ts'
import type { Directory } from '../records/directory.ts'
import type { Handling } from './handling.ts'
import { type BandingContext, findBands } from './recipient-bands.ts'

const keyring = new Keyring(new Map([[1, Buffer.alloc(32, 1)]]), new SeededRandom(1))
const hasher = new AddressHasher(keyring)
const NOW = instant(Date.UTC(2026, 5, 1))

/** `ago`: days since somebody engaged, by address. */
function rig(ago: Readonly<Record<string, number>> = {}, hasColdSources = true) {
  const known = new Map(
    Object.entries(ago).map(([address, count]) => [
      Buffer.from(hasher.hash('shop', address as Mailbox)).toString('hex'),
      dayOf(instant(NOW - count * days(1))),
    ]),
  )
  const asked: number[] = []
  const context: BandingContext = {
    clock: new ManualClock(NOW),
    log: silentLog,
    directory: () => ({ hasColdSources }) as Directory,
    engagement: {
      lastDays: async (tenant, hashes) => {
        asked.push(hashes.length)
        if (tenant !== 'shop') throw new Error('away')
        return hashes.map((hash) => known.get(Buffer.from(hash).toString('hex')) ?? null)
      },
    },
    hasher,
    engagedPolicy: () => defaultPolicy.engaged,
  }
  return { asked, context }
}

function handling(change: object = {}): Handling {
  const stream = { whenCold: 'overflow' }
  return { stream, engagement: null, sandbox: false, ...change } as unknown as Handling
}

const to = (...addresses: readonly string[]) =>
  addresses.map((forwardPath) => ({ forwardPath: forwardPath as Mailbox }))

describe('The bands of recipients', () => {
  it('follow from when each last engaged; of whom nothing is known is with those of a while ago', async () => {
    const { context } = rig({ 'a@x.test': 30, 'b@x.test': 60, 'c@x.test': 90, 'd@x.test': 91 })
    const all = to('a@x.test', 'b@x.test', 'c@x.test', 'd@x.test', 'new@x.test')
    assert.equal(await findBands(context, 'shop', handling(), all), '32101')
  })

  it('are what the submitter says, without a look at the records', () => {
    const { asked, context } = rig({ 'a@x.test': 400 })
    const bandFor = (engagement: number) =>
      findBands(context, 'shop', handling({ engagement }), to('a@x.test'))
    assert.deepEqual([0, 9, 10, 39, 40, 69, 70, 100].map(bandFor), [...'00112233'])
    assert.deepEqual(asked, [])
  })

  it('cost nothing where nothing is warmed up, the stream never waits, or it is the sandbox', () => {
    const { asked, context } = rig()
    const warm = rig({}, false)
    assert.equal(findBands(warm.context, 'shop', handling(), to('a@x.test')), null)
    const receipt = handling({ stream: { whenCold: 'pass' } })
    assert.equal(findBands(context, 'shop', receipt, to('a@x.test')), null)
    assert.equal(findBands(context, 'shop', handling({ sandbox: true }), to('a@x.test')), null)
    assert.deepEqual([...asked, ...warm.asked], [])
  })

  it('are asked for by the hundreds, and mail is taken without them where the store is away', async () => {
    const { asked, context } = rig()
    const many = to(
      ...Array.from({ length: engagementLimits.askedTogether + 1 }, (_, at) => `${at}@x.test`),
    )
    assert.equal((await findBands(context, 'shop', handling(), many))?.length, many.length)
    assert.deepEqual(asked, [engagementLimits.askedTogether, 1])
    assert.equal(await findBands(context, 'other', handling(), to('a@x.test')), null)
  })
})
