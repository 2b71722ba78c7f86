// SPDX-License-Identifier: Apache-2.0
/** What the services over records work with. */
import type { Clock } from '../base/clock.ts'
import type { Keyring } from '../base/keyring.ts'
import type { Random } from '../base/random.ts'
import type { Store } from './store.ts'

export interface RecordsContext {
  readonly store: Store
  /** Seals private keys. */
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
}
