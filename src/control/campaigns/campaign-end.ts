// SPDX-License-Identifier: Apache-2.0
/** When a campaign will be done, by its pace, its window and the limits of the sites; and what would expire before. */
import { type DurationMs, type Instant, ms, plus } from '../../base/brand.ts'
import { parsePace, timeFor } from '../../base/campaign-pace.ts'
import { changesAt, isOpen, parseWindow } from '../../base/daily-window.ts'
import { formatDuration } from '../../base/quantity.ts'
import type { Campaign } from '../../records/campaigns/campaign.ts'

/** Turns of a window that are looked at: half a year. */
const MOST_TURNS = 400
/** Of a week and a day. */
const LOOKED_BACK = 16

export interface Left {
  /** Recipients. */
  readonly count: number
  /** That their sites need for them; 0: nothing limits them. */
  readonly time: DurationMs
}

/** `null`: nothing is left, it is stopped, nothing limits it, or it is longer than half a year. */
export function endOf(campaign: Campaign | null, left: Left, now: Instant): Instant | null {
  if (left.count === 0 || (campaign !== null && campaign.state.kind !== 'running')) return null
  const pace = campaign?.pace ? parsePace(campaign.pace) : null
  const needed = Math.max(left.time, pace === null ? 0 : timeFor(pace, left.count))
  const window = campaign?.sendWindow ? parseWindow(campaign.sendWindow) : null
  if (window === null || typeof window === 'string')
    return needed === 0 ? null : plus(now, ms(needed))
  let [at, open] = [now, isOpen(window, now)]
  let rest = needed
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const next = changesAt(window, at)
    if (open && rest <= next - at) return needed === 0 ? null : plus(at, ms(rest))
    if (open) rest -= next - at
    at = next
    open = !open
  }
  return null
}

/** For how long its window is closed at most; 0: it has none. */
export function longestClosed({ sendWindow }: Campaign, now: Instant): DurationMs {
  const window = sendWindow === null ? null : parseWindow(sendWindow)
  if (window === null || typeof window === 'string') return ms(0)
  let longest = 0
  let at = changesAt(window, now)
  for (let turn = 0; turn < LOOKED_BACK; turn++) {
    const next = changesAt(window, at)
    if (!isOpen(window, at)) longest = Math.max(longest, next - at)
    at = next
  }
  return ms(longest)
}

/** What of its mail would be given up before it may go, in sentences. `streams`: of its tenant. */
export function expiryNotes(
  campaign: Campaign | null,
  streams: readonly { readonly name: string; readonly expiresAfter: DurationMs }[],
  end: Instant | null,
  now: Instant,
): readonly string[] {
  if (campaign === null) return []
  const closed = longestClosed(campaign, now)
  return streams.flatMap(({ expiresAfter, name }) => {
    const limit = formatDuration(expiresAfter)
    if (closed >= expiresAfter)
      return `Mail of stream ${name} is given up after ${limit}, and the window is closed for up to ${formatDuration(closed)}: what comes then expires before it opens.`
    if (end !== null && campaign.pace !== null && end - now > expiresAfter)
      return `Mail of stream ${name} is given up after ${limit}, and at this pace the last of what waits goes in ${formatDuration(end - now)}: what has not gone by then expires.`
    return []
  })
}
