// SPDX-License-Identifier: Apache-2.0
/** Brakes that never hold, for what is not about them. */
import type { Brakes } from '../../src/queue/brakes/brakes.ts'

export const noBrakes: Pick<Brakes, 'delivered' | 'ended'> = {
  delivered: () => {},
  ended: () => null,
}
