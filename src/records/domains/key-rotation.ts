// SPDX-License-Identifier: Apache-2.0
/**
 * DKIM keys give way to the next ones. Here alone their states change:
 *
 *     next ──▶ active ──▶ retiring ──▶ removed
 *
 * The next keys wait until all of them are seen in the DNS; then they sign, all at once. Those before them stay published until no
 * mail can be on its way that they signed. All of it stands in the records, so that a restart goes on with it.
 */
import { between, type DurationMs, type Instant, ms } from '../../base/brand.ts'
import { invariant } from '../../base/invariant.ts'
import type { SendingDomain, SigningKey, SigningKeyState, Stream } from '../records.ts'
import type { RecordsContext } from '../records-context.ts'
import { type TenantScope, tenantScope } from '../tenant-scope.ts'
import { keyName, type SendingHost } from './dns-records.ts'
import { type DomainView, domainNamed, domainViewOf } from './domain-service.ts'
import { generateSigningKeys } from './signing-keys.ts'

export const allowedKeyStates = {
  next: ['active'],
  active: ['retiring'],
  retiring: [],
} as const satisfies Record<SigningKeyState, readonly SigningKeyState[]>

/** Throws where the table forbids it. */
export function enterKeyState(key: SigningKey, state: SigningKeyState, now: Instant): SigningKey {
  const allowed: readonly SigningKeyState[] = allowedKeyStates[key.state]
  invariant(allowed.includes(state), `a key goes from ${key.state} to ${state}`)
  return { ...key, state, stateSince: now }
}

export interface RotationSettings {
  /** Keys that have signed for so long give way; `null`: only when somebody asks. */
  readonly after: DurationMs | null
  /** How far ahead mail is taken that is to be sent later. */
  readonly longestRelease: DurationMs
}

export interface Rotation {
  readonly view: DomainView
  /** `false`: it was under way already. */
  readonly isNew: boolean
}

/** Makes the next keys. Asking again while they are waited for changes nothing. */
export async function askForRotation(
  context: RecordsContext,
  scope: TenantScope,
  name: string,
  host: SendingHost,
): Promise<Rotation> {
  const before = await domainViewOf(
    context.store,
    await domainNamed(context.store, scope, name),
    host,
  )
  const { domain, keys } = before
  if (domain.rotationAskedAt !== null) return { view: before, isNew: false }
  const owner = { tenant: domain.tenant, domain: domain.name }
  const made = await generateSigningKeys(
    context,
    owner,
    keys.map(({ selector }) => selector),
  )
  return context.store.transaction(async (store) => {
    const now = context.clock.now()
    const current = await domainNamed(store, tenantScope(owner.tenant), owner.domain)
    if (current.rotationAskedAt !== null)
      return { view: await domainViewOf(store, current, host), isNew: false }
    const lacks = [...current.lacks.filter((kind) => kind !== 'dkim-next'), 'dkim-next'] as const
    const rotating: SendingDomain = { ...current, lacks, rotationAskedAt: now }
    await store.domains.put(rotating)
    for (const key of made) await store.signingKeys.put({ ...key, state: 'next' })
    const checkup = await store.domainCheckups.of(owner.tenant, owner.domain)
    if (checkup !== null) await store.domainCheckups.put({ ...checkup, nextCheckAt: now })
    return { view: await domainViewOf(store, rotating, host), isNew: true }
  })
}

/** What a look at the DNS found of each key's record, by its name; keys that were not looked at are not there. */
export type SeenKeys = ReadonlyMap<string, 'seen' | 'absent' | 'unknown'>

export interface RotationStep {
  /** As they are now; those that differ are to be written. */
  readonly keys: readonly SigningKey[]
  readonly removed: readonly SigningKey[]
  /** The next keys sign from now on. */
  readonly hasSwitched: boolean
}

/** What is to be done about the keys of a domain now. `longestAge`: so long after its last signature a key may be needed. */
export function rotationStep(
  keys: readonly SigningKey[],
  seen: SeenKeys,
  now: Instant,
  longestAge: DurationMs,
): RotationStep {
  const looked = keys.map((key) => withSight(key, seen.get(keyName(key)) ?? 'unknown', now))
  const next = looked.filter(({ state }) => state === 'next')
  const hasSwitched = next.length > 0 && next.every((key) => seen.get(keyName(key)) === 'seen')
  const removed = looked.filter(
    ({ state, stateSince }) => state === 'retiring' && between(stateSince, now) >= longestAge,
  )
  const left = looked.filter((key) => !removed.includes(key))
  if (!hasSwitched) return { keys: left, removed, hasSwitched }
  const switched = left.map((key) => {
    if (key.state === 'retiring') return key
    return enterKeyState(key, key.state === 'next' ? 'active' : 'retiring', now)
  })
  return { keys: switched, removed, hasSwitched }
}

/** For so long a message may wait from its signature to its last attempt. */
export function longestQueueAge(
  streams: readonly Pick<Stream, 'expiresAfter'>[],
  { longestRelease }: RotationSettings,
): DurationMs {
  return ms(longestRelease + Math.max(0, ...streams.map(({ expiresAfter }) => expiresAfter)))
}

/** By its schedule. Keys that were made elsewhere are their maker's to rotate. */
export function isRotationDue(
  domain: SendingDomain,
  keys: readonly SigningKey[],
  now: Instant,
  { after }: RotationSettings,
): boolean {
  if (after === null || domain.state !== 'verified' || domain.rotationAskedAt !== null) return false
  const active = keys.filter(({ state }) => state === 'active')
  return (
    active.every(({ isProof }) => isProof) &&
    active.some(({ stateSince }) => between(stateSince, now) >= after)
  )
}

function withSight(
  key: SigningKey,
  sight: 'seen' | 'absent' | 'unknown',
  now: Instant,
): SigningKey {
  if (sight === 'unknown' || (sight === 'seen' && key.seenAt !== null)) return key
  return { ...key, seenAt: sight === 'seen' ? now : null }
}
