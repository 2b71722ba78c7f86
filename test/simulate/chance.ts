// SPDX-License-Identifier: Apache-2.0
/** Draws that a simulation needs, from a seed. */
import type { Random } from '../../src/base/random.ts'

const FEW = 12

/** How many of `of` happen, each with `probability`: exact for few, as a normal draw for many. */
export function binomial(of: number, probability: number, random: Random): number {
  if (of <= 0 || probability <= 0) return 0
  if (probability >= 1) return of
  if (of === 1) return random.fraction() < probability ? 1 : 0
  if (probability > 0.5) return of - binomial(of, 1 - probability, random)
  const mean = of * probability
  if (mean < FEW) return byGaps(of, probability, random)
  const drawn = Math.round(mean + normal(random) * Math.sqrt(mean * (1 - probability)))
  return Math.min(of, Math.max(0, drawn))
}

/** Jumps from one that happens to the next. */
function byGaps(of: number, probability: number, random: Random): number {
  const log = Math.log1p(-probability)
  let happened = 0
  for (let at = gap(log, random); at <= of; at += gap(log, random)) happened++
  return happened
}

function gap(log: number, random: Random): number {
  return Math.floor(Math.log(1 - random.fraction()) / log) + 1
}

/** Box and Muller. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()))
  return radius * Math.cos(2 * Math.PI * random.fraction())
}

/** Between, evenly. */
export function uniform(from: number, to: number, random: Random): number {
  return from + (to - from) * random.fraction()
}

/** Between, evenly in powers: for what differs by factors. */
export function spread(from: number, to: number, random: Random): number {
  return from * (to / from) ** random.fraction()
}
