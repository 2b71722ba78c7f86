// SPDX-License-Identifier: Apache-2.0
/** The brakes of a process, as the records have them: what it holds becomes a record and an event, once among all processes. */
import { seconds } from '../base/brand.ts'
import { messageOf } from '../base/errors.ts'
import type { Lifecycle } from '../base/lifecycle.ts'
import type { Log } from '../base/log.ts'
import type { OperationEvent } from '../events/event.ts'
import { type BrakeHistory, Brakes, type NewHold } from '../queue/brakes/brakes.ts'
import { recordHold } from '../records/brake-service.ts'
import type { RecordsContext } from '../records/records-context.ts'
import type { DirectoryWatch } from './directory-watch.ts'

/** A store that cannot be written now is asked again; the process holds meanwhile. */
const TRY_AGAIN = seconds(5)

export interface BrakeParts {
  readonly records: Pick<RecordsContext, 'store' | 'clock'>
  readonly watch: DirectoryWatch
  readonly lifecycle: Lifecycle
  readonly log: Log
  readonly announce: (type: OperationEvent['type'], text: string) => void
}

/** Holding what was held before, and having counted what `history` has. `adopt` is for whoever watches the records. */
export function openBrakes(parts: BrakeParts, history: BrakeHistory | null): Brakes {
  const { lifecycle, records, watch } = parts
  const brakes = new Brakes(records.clock, (hold) =>
    lifecycle.background('record of a brake', () => keep(parts, hold)),
  )
  if (history !== null) brakes.restore(history, watch.directory.brakes)
  brakes.adopt(watch.directory.brakes)
  return brakes
}

async function keep(
  { announce, lifecycle, log, records }: BrakeParts,
  hold: NewHold,
): Promise<void> {
  const { cause, count, of, since, site, spread, usualShare } = hold
  const name = site === null ? cause : `${cause}@${site}`
  log.warn({ brake: name, count, of, spread }, 'too much mail ends alike: further ends are held')
  while (!lifecycle.isStopping) {
    try {
      const record = { name, since, count, ends: of, spread, usualShare }
      if (await recordHold(records, record)) announce('brake.held', textOf(name, hold))
      return
    } catch (thrown) {
      log.warn({ error: messageOf(thrown), brake: name }, 'a brake cannot be recorded now')
      await records.clock.sleep(TRY_AGAIN, lifecycle.signal)
    }
  }
}

function textOf(name: string, { cause, count, of, site, spread, usualShare }: NewHold): string {
  const where = site === null ? `over ${spread} domains` : `at ${site}, of ${spread} recipients`
  const usual =
    usualShare === null ? 'what is usual is not known yet' : `usually ${percent(usualShare)}`
  return `${count} of the last ${of} mails that ended did so by ${cause}, ${where} (${usual}); further ones are held until somebody says "posthaste brake release ${name}" or "posthaste brake confirm ${name}"`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
