// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Instant, instant, ms, plus, seconds } from '../base/brand.ts'
import { InvariantError } from '../base/invariant.ts'
import { SeededRandom } from '../base/random.ts'
import type { SiteName } from '../protocol/mx.ts'
import type { EgressSourceName } from './egress.ts'
import { allowedPathStates, EgressPathMachine, type PathState } from './egress-path.ts'

const START = instant(1_000_000)
const rests = [seconds(60), seconds(120)]

function machine(): EgressPathMachine {
  const path = { source: 's' as EgressSourceName, site: 'mx.example' as SiteName }
  return new EgressPathMachine(path, rests, new SeededRandom(1))
}

/** A machine in each state, by the ways that lead there. */
const inState: Record<PathState['kind'], () => EgressPathMachine> = {
  open: machine,
  backoff: () => {
    const path = machine()
    path.backOff(START, 'refused')
    return path
  },
  probing: () => {
    const path = inState.backoff()
    path.next(plus(START, seconds(3_600)))
    return path
  },
  suspended: () => {
    const path = machine()
    path.suspend('anna', 'maintenance')
    return path
  },
  draining: () => {
    const path = machine()
    path.drain()
    return path
  },
}

/** What leads to each state, or leaves the machine as it is where the table forbids that. */
const steps: Record<PathState['kind'], (path: EgressPathMachine) => void> = {
  open: (path) => {
    path.success()
    path.resume()
  },
  backoff: (path) => void path.backOff(START, 'again'),
  probing: (path) => void path.next(plus(START, seconds(86_400))),
  suspended: (path) => path.suspend('anna', 'maintenance'),
  draining: (path) => path.drain(),
}

describe('An egress path', () => {
  it('goes only where the table of transitions lets it', () => {
    for (const from of Object.keys(inState) as PathState['kind'][])
      for (const to of Object.keys(steps) as PathState['kind'][]) {
        const path = inState[from]()
        assert.equal(path.state.kind, from)
        try {
          steps[to](path)
        } catch (thrown) {
          assert.ok(thrown instanceof InvariantError, `${from} to ${to}`)
        }
        const now: string = path.state.kind
        const isAllowed =
          now === from ||
          (allowedPathStates[from] as readonly string[]).includes(now) ||
          now === 'open'
        assert.ok(isAllowed, `${from} became ${now}`)
      }
  })

  it('lets everything go while it is open', () => {
    const path = machine()
    assert.deepEqual(path.next(START), { kind: 'go' })
    assert.deepEqual(path.next(START), { kind: 'go' })
  })

  it('says until when it rests and why', () => {
    const path = machine()
    const until = path.backOff(START, 'connection refused')
    assert.deepEqual(path.next(START), { kind: 'wait', until, because: 'connection refused' })
    assert.ok(until >= START + 54_000 && until <= START + 66_000, 'a minute, give or take a tenth')
  })

  it('lets one probe out after a rest, and everything once that succeeded', () => {
    const path = machine()
    const until = path.backOff(START, 'down')
    assert.equal(path.next(until).kind, 'go')
    assert.equal(path.next(until).kind, 'idle')
    path.success()
    assert.equal(path.next(until).kind, 'go')
    assert.equal(path.next(until).kind, 'go')
  })

  it('gives the permission to probe to the next who asks where it was not used', () => {
    const path = inState.probing()
    assert.equal(path.next(START).kind, 'idle')
    path.unused()
    assert.equal(path.next(START).kind, 'go')
  })

  it('rests longer after each failure in a row, up to the last of its rests', () => {
    const path = machine()
    let now: Instant = START
    const lengths = [1, 2, 3].map(() => {
      const until = path.backOff(now, 'down')
      const length = until - now
      now = until
      path.next(now)
      return Math.round(length / 60_000)
    })
    assert.deepEqual(lengths, [1, 2, 2])
  })

  it('keeps its rest when several connections fail at once', () => {
    const path = machine()
    const until = path.backOff(START, 'down')
    assert.equal(path.backOff(plus(START, ms(10)), 'down'), until)
  })

  it('stays suspended whatever its connections say, until a person resumes it', () => {
    const path = inState.suspended()
    path.backOff(START, 'down')
    path.success()
    assert.equal(path.next(plus(START, seconds(86_400))).kind, 'idle')
    path.tryNow()
    assert.equal(path.next(START).kind, 'idle')
    path.resume()
    assert.equal(path.next(START).kind, 'go')
  })

  it('probes at once where a person wants it tried, whatever is left of its rest', () => {
    const path = inState.backoff()
    path.tryNow()
    assert.equal(path.next(START).kind, 'go')
    assert.equal(path.next(START).kind, 'idle')
  })
})
