// SPDX-License-Identifier: Apache-2.0
/**
 * Two hundred providers and lists, drawn from one seed before anything was tuned: `draws.test.ts` has the hash of what is drawn.
 * Tuning looks at those with even numbers alone; what is reported is of the odd ones, and of all.
 */
import { SeededRandom } from '../../src/base/random.ts'
import { spread, uniform } from './chance.ts'
import { type Model, modelOf } from './model.ts'

export const DRAWS = 200
/** Of those that were frozen; any other gives fresh ones, by the same rules. */
export const FROZEN_SEED = 20_261_129

export function draws(seed = FROZEN_SEED): readonly Model[] {
  const random = new SeededRandom(seed)
  return Array.from({ length: DRAWS }, (_, at) => draw(at, random))
}

function draw(at: number, random: SeededRandom): Model {
  const between = (from: number, to: number) => uniform(from, to, random)
  const times = (from: number, to: number) => spread(from, to, random)
  return modelOf(
    {
      name: `draw ${at}`,
      provider: {
        floor: times(300, 5_000),
        growth: times(2, 7),
        memory_days: times(0.8, 4),
        start_reputation: between(0.35, 0.6),
        throttle_slope: times(0.3, 3),
        block_load: times(1.6, 6),
        block_reputation: between(0.05, 0.2),
        block_hours: times(6, 72),
        block_cost: between(0.05, 0.3),
        spike_cost: times(0.03, 0.4),
        complaint_cost: times(0.01, 0.1),
        bounce_cost: times(0.005, 0.05),
        engagement_gain: times(0.01, 0.06),
        recovery: between(0, 0.05),
        inbox_at: between(0.15, 0.35),
        inbox_steepness: times(8, 30),
        greylist: between(0, 0.03),
        trouble: between(0, 0.01),
        feedback: random.fraction() < 0.3 ? 0 : between(0.4, 1),
        feedback_hours: times(3, 48),
        placement_known: random.fraction() < 0.3,
      },
      audience: {
        engaged: between(0.1, 0.35),
        complaints: times(0.0001, 0.0012),
        bad_addresses: times(0.001, 0.015),
        spread: between(0.4, 1),
      },
    },
    `draw ${at}`,
  )
}

/** The same provider, which turns hostile on the tenth day: some refuse, some put off. */
export function hostileDraws(seed = FROZEN_SEED): readonly Model[] {
  const random = new SeededRandom(seed + 1)
  return draws(seed).map((model, at) => {
    const kind = at % 2 === 0 ? ('refuse' as const) : ('defer' as const)
    const hour = uniform(0, 24, random)
    const hostile = { day: 10, hour, hours: spread(6, 48, random), kind }
    return { ...model, name: `${model.name}, hostile`, provider: { ...model.provider, hostile } }
  })
}
