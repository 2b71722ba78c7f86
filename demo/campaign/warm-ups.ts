// SPDX-License-Identifier: Apache-2.0
/**
 * The relay's source is warmed up at the providers that the shaping rules know, by a schedule that lets all of the campaign go: what
 * is looked at is what a warm-up counts, not how it holds back.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { limitedKinds } from '../../src/queue/warm-up/thresholds.ts'
import { campaignProviders, UNNAMED } from './mailboxes.ts'

const SCHEDULE = 'demo'

/** A day; smoothed over it, more each second than the demo can send. */
const ALLOWANCE = 1_000_000_000

/** In the relay's folder; `[delivery] warm_up` names it. */
export const WARM_UP_FOLDER = 'warm-up'

export async function writeSchedule(folder: string): Promise<void> {
  const thresholds = limitedKinds.map(
    (kind) => `[thresholds.${kind}]\nhold = 100\nstep_back = 100\npause = 100\n`,
  )
  const schedule = `[[schedule]]\nname = "${SCHEDULE}"\norigin = "the demo"\nallowances = [${ALLOWANCE}]\n`
  await mkdir(join(folder, WARM_UP_FOLDER))
  await writeFile(join(folder, WARM_UP_FOLDER, 'demo.toml'), [schedule, ...thresholds].join('\n'))
}

/** Commands that start them. */
export function warmUpCommands(): readonly (readonly string[])[] {
  return campaignProviders
    .filter(({ name }) => name !== UNNAMED)
    .map(({ name }) => ['warmup', 'start', 'default', name, '--schedule', SCHEDULE])
}
