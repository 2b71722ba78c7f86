// SPDX-License-Identifier: Apache-2.0
/** Where connections to sites come from: alone from the limit itself, beside other workers from the ledger that control keeps. */
import { ControlClient } from '../api/control-client.ts'
import type { Clock } from '../base/clock.ts'
import type { SlotGrant } from '../queue/connection-ledger.ts'
import { type ConnectionSlots, OwnSlots } from '../queue/connection-slots.ts'
import { LeasedSlots } from '../queue/leased-slots.ts'
import { controlSocketFile } from './data-files.ts'
import type { LiveConfig } from './live-config.ts'
import type { WorkerPlace } from './worker-place.ts'

export function slotsOf(live: LiveConfig, place: WorkerPlace, clock: Clock): ConnectionSlots {
  const limit = () => live.current.policy.connectionsPerSite
  const { index, count } = place
  if (count === 1) return new OwnSlots(limit)
  const control = new ControlClient(controlSocketFile(live.current.config.dataDir))
  return new LeasedSlots({
    ask: async (asks) =>
      (
        await control.post<{ grants: readonly SlotGrant[] }>('/v1/ledger/connections', {
          worker: index,
          asks,
        })
      ).grants,
    clock,
    limit,
    index,
    count,
  })
}
