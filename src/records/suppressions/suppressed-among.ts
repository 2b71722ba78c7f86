// SPDX-License-Identifier: Apache-2.0
/** Several recipients of one message asked about at once. */
import type { Mailbox } from '../../protocol/mailbox.ts'
import type { Decisive, ScopedMail } from './suppression.ts'
import type { SuppressionCheck } from './suppression-lookup.ts'

/** What keeps the mail from each of `recipients`, in their order; `null` where nothing does. */
export type Findings = readonly (Decisive | null)[]

/** `null`: surely from none of them, as nearly always, and that is said at once. Rejects where the store cannot be asked. */
export function suppressedAmong(
  check: SuppressionCheck,
  mail: ScopedMail,
  recipients: readonly Mailbox[],
): Promise<Findings> | null {
  let answers: (Promise<Decisive | null> | null)[] | null = null
  for (const [at, recipient] of recipients.entries()) {
    const answer = check.find(mail, recipient)
    if (answer === null) continue
    answers ??= recipients.map(() => null)
    answers[at] = answer
  }
  return answers === null ? null : Promise.all(answers)
}
