// SPDX-License-Identifier: Apache-2.0
/**
 * Looks sending domains up when they are due, a few at once, until the end; their keys rotate by it. What was due while nobody ran is due
 * at the start.
 */
import { ms } from '../../base/brand.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import { checkupPace, domainLimits } from '../../base/limits/domain-limits.ts'
import type { Log } from '../../base/log.ts'
import type { Resolver } from '../../dns/resolver.ts'
import type { SendingHost } from '../../records/domains/dns-records.ts'
import { isRotationDue, type RotationSettings } from '../../records/domains/key-rotation.ts'
import type { RecordsContext } from '../../records/records-context.ts'
import { tenantScope } from '../../records/tenant-scope.ts'
import { type CheckupContext, checkUpDomain } from './domain-checkup.ts'
import { rotateKeys } from './domain-rotation.ts'

export interface DomainUpkeepParts {
  readonly records: RecordsContext
  /** Made for one round, and to be closed: what it remembers is as old as that. */
  readonly resolver: () => Promise<Resolver>
  readonly host: () => SendingHost
  readonly rotation: () => RotationSettings
  readonly tell: CheckupContext['tell']
}

export async function keepUpDomains(
  parts: DomainUpkeepParts,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await parts.records.clock.sleep(ms(checkupPace.roundMs), signal)
    try {
      if (!signal.aborted) await lookUpDue(parts, log, signal)
    } catch (thrown) {
      // A store that is away now, or no resolver: what is due stays due.
      log.warn({ error: messageOf(thrown) }, 'domains could not be looked up')
    }
  }
}

/** One round. Gives how many were due. */
export async function lookUpDue(
  { host, records, resolver: open, rotation, tell }: DomainUpkeepParts,
  log: Log,
  signal: AbortSignal,
): Promise<number> {
  const { clock, store } = records
  const due = await store.domainCheckups.due(clock.now(), domainLimits.inRound)
  if (due.length === 0) return 0
  await using resolver = await open()
  const context = { records, resolver, host: host(), rotation: rotation(), tell }
  const left = due.values()
  const lookUp = async (): Promise<void> => {
    for (const { tenant, name } of left) {
      if (signal.aborted) return
      try {
        const { domain, keys } = await checkUpDomain(context, tenantScope(tenant), name)
        if (isRotationDue(domain, keys, clock.now(), context.rotation))
          await rotateKeys(context, tenantScope(tenant), name)
      } catch (thrown) {
        // Removed meanwhile; or a failure that must not keep the others from their turn.
        if (thrown instanceof RelayError && thrown.code === 'RLY_RECORD_UNKNOWN') continue
        log.warn({ domain: name, error: messageOf(thrown) }, 'a domain could not be looked up')
      }
    }
  }
  await Promise.all(Array.from({ length: domainLimits.atOnce }, lookUp))
  return due.length
}
