// SPDX-License-Identifier: Apache-2.0
/** What work is told of an Idempotency-Key: from it the ids of what is made follow, so that it is found again. */
import { createHash } from 'node:crypto'
import type { Once } from '../../events/ids.ts'

/** A request with a key, for its work. */
export interface KeyedWork extends Once {
  /** It was begun before, and a crash cut it off: what it made then is there. */
  readonly isAgain: boolean
}

/** One of several things that a request with a key makes. */
export function onceOf(keyed: KeyedWork, index: number): KeyedWork {
  return { ...keyed, seed: seedOf(`${keyed.seed} ${index}`) }
}

/** For `Once`. */
export function seedOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
