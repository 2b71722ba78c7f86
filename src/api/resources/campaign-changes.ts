// SPDX-License-Identifier: Apache-2.0
/** What a request changes of a campaign. */
import { z } from 'zod'
import { RelayError } from '../../base/errors.ts'
import { formatDuration, parseDuration } from '../../base/quantity.ts'
import type { CampaignChanges } from '../../records/campaigns/campaign-service.ts'
import { paceIn, windowIn } from '../../records/campaigns/campaign-spread.ts'
import { priority, weight } from './campaign-fields.ts'

const text = z.string().max(200).nullable().optional()

export const changes = z.strictObject({
  priority: priority.optional(),
  weight: weight.optional(),
  sendWindow: text.meta({
    description: 'When its mail goes: 09:00-17:00 Europe/Berlin mon-fri. null: at any time.',
  }),
  pace: text.meta({
    description: 'How fast, evenly: 500000/6h. null: as fast as receivers take it.',
  }),
  over: z.string().max(200).optional().meta({
    description: 'What waits now goes evenly over so long (6h): a pace. Not beside "pace".',
  }),
})

/** Throws `RLY_RECORD_INVALID` with what would be right. `leftOf`: recipients that wait now. */
export async function changesIn(
  { over, pace, priority: newPriority, sendWindow, weight: newWeight }: z.output<typeof changes>,
  leftOf: () => Promise<number>,
): Promise<CampaignChanges> {
  if (over !== undefined && pace !== undefined)
    throw new RelayError('RLY_RECORD_INVALID', 'say either a pace, or over how long')
  const wanted = over === undefined ? pace : await paceOver(over, leftOf)
  return {
    ...(newPriority !== undefined && { priority: newPriority }),
    ...(newWeight !== undefined && { weight: newWeight }),
    ...(sendWindow !== undefined && { sendWindow: sendWindow && windowIn(sendWindow) }),
    ...(wanted !== undefined && { pace: wanted && paceIn(wanted) }),
  }
}

async function paceOver(over: string, leftOf: () => Promise<number>): Promise<string> {
  if (parseDuration(over) === null)
    throw new RelayError('RLY_RECORD_INVALID', `"${over}" is no time: expected one such as 6h`)
  const left = await leftOf()
  if (left > 0) return `${left}/${over}`
  throw new RelayError(
    'RLY_RECORD_INVALID',
    `nothing of the campaign waits, so that nobody knows how much goes in ${formatDuration(parseDuration(over) ?? 0)}: say a pace, such as 500000/6h`,
  )
}
