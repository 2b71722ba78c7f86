// SPDX-License-Identifier: Apache-2.0
/** What a bounce that comes after a 250 counts for, beside those in the dialog: brakes, and what its credential uses to do. */
import type { CredentialBaselines } from '../accept/credential-baselines.ts'
import { instant } from '../base/brand.ts'
import type { ReceivedEvent } from '../events/event.ts'
import { type FailureClass, factsOf } from '../protocol/classify/failure-class.ts'
import type { Brakes } from '../queue/brakes/brakes.ts'
import type { CredentialId, Slug } from '../records/records.ts'

/** Our token proves whose it is. */
export interface ReportedBounce {
  readonly cause: FailureClass
  readonly recipient: string
  readonly message: Pick<ReceivedEvent, 'at' | 'credential' | 'tenant'>
}

export interface BounceCounts {
  readonly brakes: Pick<Brakes, 'reported'>
  readonly credentials: Pick<CredentialBaselines, 'reported'>
}

export function countBounce(
  { brakes, credentials }: BounceCounts,
  { cause, message, recipient }: ReportedBounce,
): void {
  brakes.reported(cause, recipient)
  const { at, credential, tenant } = message
  if (credential === null || factsOf(cause).whenFinal !== 'suppress') return
  credentials.reported(tenant as Slug, credential as CredentialId, instant(Date.parse(at)))
}
