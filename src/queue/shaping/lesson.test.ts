// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Instant, instant, minutes, plus, seconds } from '../../base/brand.ts'
import { InvariantError } from '../../base/invariant.ts'
import {
  type Aspect,
  allowedLessonStates,
  aspects,
  floorOf,
  Lesson,
  type LessonState,
  STEP_EVERY,
  STEP_PARTS,
} from './lesson.ts'

const START = instant(1_800_000_000_000)
const LIMIT = 600
const said = { limit: LIMIT, observed: null, proven: null } as const

/** A lesson in each state, by the ways that lead there. */
const inState: Record<LessonState['kind'], () => Lesson> = {
  free: () => new Lesson('messageRate'),
  lowered: () => {
    const lesson = new Lesson('messageRate')
    lesson.complain(START, said)
    return lesson
  },
  rising: () => {
    const lesson = inState.lowered()
    lesson.succeed(plus(START, STEP_EVERY), 100, LIMIT)
    return lesson
  },
}

/** What leads to each state, or leaves the lesson as it is where the table forbids that. */
const steps: Record<LessonState['kind'], (lesson: Lesson) => void> = {
  free: (lesson) => void lesson.succeed(plus(START, minutes(20)), 100, 1),
  lowered: (lesson) => void lesson.complain(plus(START, minutes(20)), said),
  rising: (lesson) => void lesson.succeed(plus(START, minutes(20)), 100, LIMIT),
}

type Step = {
  readonly wait: number
  readonly kind: 'complaint' | 'success'
  readonly count: number
}

const step: fc.Arbitrary<Step> = fc.record({
  wait: fc.integer({ min: 0, max: minutes(12) }),
  kind: fc.constantFrom('complaint', 'success'),
  count: fc.integer({ min: 1, max: 200 }),
})
const course = fc.record({
  aspect: fc.constantFrom(...aspects),
  limit: fc.option(fc.integer({ min: 1, max: 10_000 })),
  observed: fc.option(fc.integer({ min: 0, max: 20_000 })),
  proven: fc.option(fc.integer({ min: 0, max: 100 })),
  steps: fc.array(step, { maxLength: 60 }),
})

/** Takes the steps one by one; `visit` sees the lesson before and after each. */
function walk(
  {
    aspect,
    limit,
    observed,
    proven,
    steps: walked,
  }: typeof course extends fc.Arbitrary<infer T> ? T : never,
  visit: (seen: {
    lesson: Lesson
    before: number | null
    now: Instant
    step: Step
  }) => Lesson | undefined,
): Lesson {
  let lesson = new Lesson(aspect)
  let now = START
  for (const taken of walked) {
    now = plus(now, seconds(taken.wait / 1_000))
    const before = lesson.value
    if (taken.kind === 'complaint') lesson.complain(now, { limit, observed, proven })
    else lesson.succeed(now, taken.count, limit)
    lesson = visit({ lesson, before, now, step: taken }) ?? lesson
  }
  return lesson
}

describe('A lesson', () => {
  it('goes only where the table of transitions lets it', () => {
    for (const from of Object.keys(inState) as LessonState['kind'][])
      for (const to of Object.keys(steps) as LessonState['kind'][]) {
        const lesson = inState[from]()
        assert.equal(lesson.state.kind, from)
        const mayGo = (allowedLessonStates[from] as readonly string[]).includes(to)
        try {
          steps[to](lesson)
        } catch (thrown) {
          assert.ok(thrown instanceof InvariantError)
          continue
        }
        assert.equal(lesson.state.kind, mayGo ? to : from, `${from} to ${to}`)
      }
  })

  it('halves what was allowed, or what went where that was less', () => {
    const lesson = new Lesson('messageRate')
    assert.deepEqual(lesson.complain(START, said), { before: null, after: 300 })
    const slower = { ...said, observed: 100 }
    assert.deepEqual(lesson.complain(START, slower), { before: 300, after: 50 })
  })

  it('goes no lower than what the receiver did take', () => {
    const lesson = new Lesson('connections')
    const heard = { limit: 10, observed: 9, proven: 8 }
    assert.deepEqual(lesson.complain(START, heard), { before: null, after: 8 })
    assert.equal(lesson.complain(START, heard), null, 'it says nothing new')
    assert.deepEqual(lesson.complain(START, { ...heard, proven: null }), { before: 8, after: 4 })
  })

  it('rises by a twentieth of the limit every five minutes in which enough went well, and ends at the limit', () => {
    const lesson = inState.lowered()
    let now = START
    const seen: (number | null)[] = []
    for (let round = 0; round < 10; round++) {
      now = plus(now, STEP_EVERY)
      lesson.succeed(now, 100, LIMIT)
      seen.push(lesson.value)
    }
    assert.deepEqual(seen, [330, 360, 390, 420, 450, 480, 510, 540, 570, null])
  })

  it('does not rise by time alone', () => {
    const lesson = inState.lowered()
    assert.equal(lesson.succeed(plus(START, minutes(60 * 24 * 30)), 1, LIMIT), null)
    assert.equal(lesson.value, 300)
  })

  it('whatever comes, stays between the floor and the limit, falls only by complaints and rises only in steps', () => {
    fc.assert(
      fc.property(course, (given) => {
        const floor = floorOf(given.aspect, given.limit)
        let risenAt = Number.NEGATIVE_INFINITY
        walk(given, ({ lesson, before, now, step: taken }): undefined => {
          const after = lesson.value
          if (after !== null) {
            assert.ok(after >= floor)
            if (given.limit !== null) assert.ok(after <= Math.max(floor, given.limit))
          }
          if (taken.kind === 'complaint') {
            assert.ok(after !== null && after <= (before ?? after))
            if (after !== before) risenAt = now
          } else if (after !== before && after !== null) {
            assert.ok(before !== null && now - risenAt >= STEP_EVERY)
            const ceiling = given.limit ?? Number.POSITIVE_INFINITY
            const most = Math.max(1, ceiling / STEP_PARTS)
            assert.ok(after - before <= most + 1e-9)
            risenAt = now
          }
        })
      }),
      { numRuns: 500 },
    )
  })

  it('is the same after a restart at any moment', () => {
    fc.assert(
      fc.property(course, (given) => {
        const restarted = walk(given, ({ lesson }) => {
          const kept = lesson.kept()
          return kept === null ? undefined : Lesson.restore(JSON.parse(JSON.stringify(kept)))
        })
        assert.deepEqual(restarted.state, walk(given, () => undefined).state)
      }),
      { numRuns: 200 },
    )
  })

  it('is over in 100 minutes of mail that goes well, however low it was', () => {
    const rates: readonly [Aspect, number][] = [
      ['messageRate', 6_000],
      ['messageRate', 5],
      ['connections', 20],
      ['messagesPerConnection', 100],
    ]
    for (const [aspect, limit] of rates) {
      const lesson = new Lesson(aspect)
      for (let told = 0; told < 20; told++)
        lesson.complain(START, { limit, observed: null, proven: null })
      assert.equal(lesson.value, floorOf(aspect, limit))
      let now = START
      for (let round = 0; round < 20; round++) {
        now = plus(now, STEP_EVERY)
        lesson.succeed(now, 10, limit)
      }
      assert.equal(lesson.state.kind, 'free', `${aspect} of ${limit}`)
    }
  })
})
