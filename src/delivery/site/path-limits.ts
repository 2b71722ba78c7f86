// SPDX-License-Identifier: Apache-2.0
/** Which limits bind a path, each by the key that all share it with whom it is shared: of the rules, or what replies have taught below them. */
import type { RateLimit } from '../../base/quantity.ts'
import type { EgressPath } from '../../queue/egress.ts'
import type { KeyedLimit } from '../../queue/shaping/connection-slots.ts'
import { type Learned, perMinute, rateOf } from '../../queue/shaping/lessons.ts'
import type { KeyedRate } from '../../queue/shaping/rates.ts'
import type { EffectiveLimits, LimitName } from '../../queue/shaping/rules.ts'

export interface BoundPath {
  readonly path: EgressPath
  readonly limits: EffectiveLimits
  readonly learned: Learned | null
}

const NO_RATES: readonly KeyedRate[] = []

export function connectionLimits(bound: BoundPath): readonly KeyedLimit[] {
  const { connections, providerConnections } = bound.limits.settings
  const most = least(bound.learned, 'connections', connections?.value)
  return [
    ...keyed(bound, 'connections', Number.isFinite(most) ? most : null),
    ...keyed(bound, 'providerConnections', providerConnections?.value),
  ]
}

export function startRates(bound: BoundPath): readonly KeyedRate[] {
  const { connectionRate, providerConnectionRate } = bound.limits.settings
  return allOf(
    keyed(bound, 'connectionRate', connectionRate?.value),
    keyed(bound, 'providerConnectionRate', providerConnectionRate?.value),
  )
}

export function messageRates(bound: BoundPath): readonly KeyedRate[] {
  const { messageRate, providerMessageRate } = bound.limits.settings
  return allOf(
    keyed(bound, 'messageRate', slower(bound.learned, messageRate?.value)),
    keyed(bound, 'providerMessageRate', providerMessageRate?.value),
  )
}

/** None while it is paused. */
export function warmUpRates(bound: BoundPath): readonly KeyedRate[] {
  const allowance = bound.limits.settings.warmUp?.value
  return allOf(keyed(bound, 'warmUp', allowance?.count === 0 ? null : allowance))
}

/** Of the rules, or what was learned below them; without end where neither limits. */
export function least(
  learned: Learned | null,
  aspect: 'connections' | 'messagesPerConnection',
  ofRules: number | null | undefined,
): number {
  return Math.min(
    ofRules ?? Number.POSITIVE_INFINITY,
    learned?.[aspect]?.value ?? Number.POSITIVE_INFINITY,
  )
}

/** Of the limit with that key. */
export function limitOf(key: string | null): LimitName | null {
  return key === null ? null : (key.slice(0, key.indexOf(' ')) as LimitName)
}

function slower(learned: Learned | null, ofRules: RateLimit | null | undefined): RateLimit | null {
  const rate = learned?.messageRate
  if (rate === undefined) return ofRules ?? null
  const isSlower = ofRules == null || rate.value < perMinute(ofRules)
  return isSlower ? rateOf(rate.value) : ofRules
}

/** What the limit is shared by: this path, or all paths from its source to the provider. */
function keyed<Limit>(
  { limits: { provider }, path: { site, source } }: BoundPath,
  name: LimitName,
  limit: Limit | null | undefined,
) {
  if (limit === null || limit === undefined) return []
  const isOfProvider = name.startsWith('provider') || name === 'warmUp'
  if (!isOfProvider) return [{ key: `${name} ${source} ${site}`, limit }]
  return provider === null ? [] : [{ key: `${name} ${source} ${provider}`, limit }]
}

/** One array serves all that have none. */
function allOf(...rates: readonly (readonly KeyedRate[])[]): readonly KeyedRate[] {
  return rates.every(({ length }) => length === 0) ? NO_RATES : rates.flat()
}
