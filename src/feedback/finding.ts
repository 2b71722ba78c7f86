// SPDX-License-Identifier: Apache-2.0
/** What a mail that came in says about mail that went out: plain data, since the journal of that mail may be another worker's. */
import type { Authentication } from '../events/authentication.ts'
import type { ReportEvent } from '../events/event.ts'
import type { MessageId } from '../events/ids.ts'
import type { ConcernedRecipient, ReportKind } from '../protocol/report/report-facts.ts'

/** What it comes to. `noted` changes nothing. */
export type FindingKind = 'bounced' | 'complained' | 'unsubscribed' | 'noted'

export interface Finding {
  readonly what: FindingKind
  /** `null`: of no message that can be told. */
  readonly messageId: MessageId | null
  /** From a token; `null`: the report says whom it is about. */
  readonly recipientIndex: number | null
  /** See `AddressHasher`, hexadecimal; `null` without a token of one recipient. */
  readonly addressHash: string | null
  /** Whose mail it was, by the domain of the return path that the token stood in; of a message that is gone nothing else says it. */
  readonly tenant: string | null
  /** See the events; `null` where there is no message. What is `possible` is only ever noted. */
  readonly certainty: 'proven' | 'likely' | 'possible' | null
  readonly kind: ReportKind
  /** Of what is noted. */
  readonly fate: ReportEvent['fate']
  readonly feedbackType: string | null
  /** Whom the report names. */
  readonly concerned: readonly Pick<ConcernedRecipient, 'address' | 'code' | 'status' | 'text'>[]
  readonly reportingMta: string | null
  /** Address of the host that brought it. */
  readonly peer: string
  /** `null`: made here, or told by a worker that does not look. */
  readonly authentication: Authentication | null
  /** Octets of the mail; 0 where it came by no mail. */
  readonly size: number
  /** Which of our web's ways a wish to get no more came by; `null`: by mail. */
  readonly web: 'one-click' | 'page' | null
}

/** The message that a finding is about, as far as its report may go on to its submitter. */
export interface ReportedMessage {
  readonly tenant: string
  readonly stream: string
  /** As the submitter gave it; empty for the null reverse-path. */
  readonly reversePath: string
  readonly sandbox: boolean
  /** `false`: all of it was told before. */
  readonly isNew: boolean
}

/** Where findings are written. */
export interface FeedbackRecorder {
  /**
   * Durable on return; each event once, however often the same is found. Rejects where that is not possible now: the disk, or
   * the worker that has the message, is away. Says in the same order what message each is about; `null`: none that is kept.
   */
  record(findings: readonly Finding[]): Promise<readonly (ReportedMessage | null)[]>
}
