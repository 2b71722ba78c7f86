// SPDX-License-Identifier: Apache-2.0
/** Which process of the relay began to answer a request with an Idempotency-Key, and what becomes of that when it has ended. */
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { journalId } from '../events/ids.ts'
import type { Store } from '../records/store.ts'
import { adopts, type WorkerPlace } from './worker-place.ts'

/** More than the command line takes. */
const MOST_WORKERS = 1_024

/** Of one worker: no other process has the name while it runs, for it has the journal. */
export function workerName(node: string, index: number): string {
  return `${node} worker ${index}`
}

export function controlName(node: string): string {
  return `${node} control`
}

/** Of processes that have ended when a worker has opened its journals: the one before it, and those whose journals it adopts. */
export function namesBefore(node: string, place: WorkerPlace): readonly string[] {
  const names = Array.from({ length: MOST_WORKERS }, (_, index) => index)
    .filter((index) => index === place.index || adopts(place, journalId(index + 1)))
    .map((index) => workerName(node, index))
  // Of a relay that is one process there was a control, if ever, at an earlier start.
  return place.sharedPorts === null ? [...names, controlName(node)] : names
}

/** Before it listens. */
export async function giveUpBegun(
  { store }: { readonly store: Store },
  names: readonly string[],
  log: Log,
): Promise<void> {
  try {
    await store.firstAnswers.abandon(names)
  } catch (thrown) {
    // A store that is away: mail goes on, and of these requests nobody knows.
    log.warn({ error: messageOf(thrown) }, 'what was begun before cannot be given up')
  }
}
