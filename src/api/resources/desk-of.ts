// SPDX-License-Identifier: Apache-2.0
/** Those who have mail in hand, for routes that are nothing without them. */
import { RelayError } from '../../base/errors.ts'
import type { MailDesk } from '../../control/desk/mail-desk.ts'
import type { ApiContext } from '../http/api-context.ts'

/** Throws `RLY_RELAY_NOT_RUNNING`. */
export function deskOf({ desk }: ApiContext): MailDesk {
  if (desk !== null) return desk
  throw new RelayError(
    'RLY_RELAY_NOT_RUNNING',
    'no relay runs that could have mail in hand: start it with "posthaste serve"',
  )
}
