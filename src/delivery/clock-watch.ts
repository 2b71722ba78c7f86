// SPDX-License-Identifier: Apache-2.0
/**
 * Notices that the wall clock was set. Due times outlive the process, so that they are times of the wall clock:
 *
 * - set forward, what waits is due early: each recipient is tried once, within the limits of every site, and its next wait
 *   is a whole one. Nothing needs to be done.
 * - set back, it would wait so much longer: the spool is told, and every queue gets its new time.
 *
 * Rests of paths look after themselves (`queue/egress-path.ts`); all that is waited for within the process goes by the
 * monotonic clock.
 */
import { type DurationMs, ms, seconds } from '../base/brand.ts'
import type { DeliveryContext } from './delivery-context.ts'

const LOOK_EVERY = seconds(10)
/** A clock that is kept right by small steps is none that was set. */
const LEAST = seconds(60)

/** Until the end. `onSetBack`: what waits is due at other times now. */
export async function watchWallClock(
  { clock, lifecycle, log, spool }: DeliveryContext,
  onSetBack: () => void,
): Promise<void> {
  const ahead = (): number => clock.now() - clock.monotonic()
  for (let before = ahead(); !lifecycle.isStopping; ) {
    await clock.sleep(LOOK_EVERY, lifecycle.signal)
    const by: DurationMs = ms(before - ahead())
    before = ahead()
    if (by < LEAST) continue
    log.warn({ byMs: Math.round(by) }, 'the clock was set back: what waits is due so much earlier')
    await spool.clockSetBack(clock.now(), by)
    onSetBack()
  }
}
