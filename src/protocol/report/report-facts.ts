// SPDX-License-Identifier: Apache-2.0
/** What was read of a mail that came back. */
import type { LooseFields } from '../message/loose-fields.ts'

/**
 * `bounce`: will not be delivered. `delayed`: is tried again. `complaint`: its recipient calls it spam. `auto-reply`: a program
 * answered (a vacation, a receipt). `unsubscribe`: its recipient wants no more. `other`: a person, or nothing that was understood.
 */
export type ReportKind = 'bounce' | 'delayed' | 'complaint' | 'auto-reply' | 'unsubscribe' | 'other'

/** RFC 3464 §2.3.3. */
export type ReportedAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'

export interface ConcernedRecipient {
  /** As the report has it, not checked; `null` where it was left out. */
  readonly address: string | null
  readonly action: ReportedAction
  /** RFC 3463; `null` where none was given. */
  readonly status: string | null
  /** Of SMTP. */
  readonly code: number | null
  /** What was said, on one line, bounded. */
  readonly text: string
  /** Whose words these are, where the report says so. */
  readonly remoteMta: string | null
}

export interface ReadReport {
  readonly kind: ReportKind
  /** By what it was recognised: fields for programs, or words for people. */
  readonly form: 'delivery-status' | 'feedback-report' | 'text' | 'none'
  readonly recipients: readonly ConcernedRecipient[]
  /** RFC 5965 §3.1, lower case: `abuse`, `fraud`, `auth-failure`, `not-spam`. */
  readonly feedbackType: string | null
  /** The host that reports, RFC 3464 §2.2.2. */
  readonly reportingMta: string | null
  /** Header fields of the mail that it is about, as far as they came back. */
  readonly returned: LooseFields
}
