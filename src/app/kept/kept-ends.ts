// SPDX-License-Identifier: Apache-2.0
/**
 * What brakes have counted, over a restart: a file beside the journal of the worker that counts, read at the start, and written
 * while it changes and at the end.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { instant, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf, systemCode } from '../../base/errors.ts'
import { brakeLimits } from '../../base/limits/brake-limits.ts'
import type { Log } from '../../base/log.ts'
import type { BrakeHistory, Brakes } from '../../queue/brakes/brakes.ts'

/** What a process that is killed forgets at most. */
const WRITE_EVERY = seconds(15)
const PRIVATE_FILE = 0o600

const count = z.number().min(0)
const ends = z.object({
  ends: z.array(z.tuple([z.int().min(0).max(255), z.int().min(0), count])).max(brakeLimits.ends),
  usual: z.array(count).max(255),
  usualEnds: count,
})
const history = z.object({
  writtenAt: z.number().transform(instant),
  causes: z.array(z.string()).max(255),
  everywhere: ends,
  sites: z.array(z.tuple([z.string(), ends])).max(brakeLimits.keptSites),
  taken: z.array(z.tuple([z.string(), z.string()])).max(brakeLimits.domains),
})

/** What cannot be read is counted anew. */
export async function readEnds(path: string, log: Log): Promise<BrakeHistory | null> {
  try {
    return history.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (thrown) {
    // None yet, of another version, or damaged.
    if (systemCode(thrown) !== 'ENOENT')
      log.warn({ file: path, error: messageOf(thrown) }, 'how mail ended of late cannot be read')
    return null
  }
}

/** Until `signal` aborts, and then once more. */
export async function keepEnds(
  path: string,
  brakes: Pick<Brakes, 'history' | 'counted'>,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (let written = brakes.counted; ; ) {
    await clock.sleep(WRITE_EVERY, signal)
    if (brakes.counted !== written) {
      written = brakes.counted
      try {
        const text = JSON.stringify(brakes.history() satisfies BrakeHistory)
        await writeFile(`${path}.new`, text, { mode: PRIVATE_FILE })
        await rename(`${path}.new`, path)
      } catch (thrown) {
        // A disk that is full: the next one is another try.
        log.warn({ error: messageOf(thrown) }, 'how mail ended of late cannot be written now')
      }
    }
    if (signal.aborted) return
  }
}
