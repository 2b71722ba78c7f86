// SPDX-License-Identifier: Apache-2.0
/** An opening or a click, before it is known whose: plain data, since the journal of its message may be another worker's. */
import type { AgentKind, MachineSign } from '../events/hit-events.ts'
import type { MessageId } from '../events/ids.ts'

export interface Hit {
  readonly messageId: MessageId
  readonly recipientIndex: number
  /** Where the link leads that was followed; `null`: the message was opened. */
  readonly link: string | null
  /** RFC 3339. */
  readonly at: string
  readonly agent: AgentKind
  readonly machine: MachineSign | null
  /** Address of the client. */
  readonly peer: string
}

/** Where hits are written. */
export interface HitRecorder {
  /** Those of messages that are kept, once within a short time. Rejects where that is not possible now. */
  hits(hits: readonly Hit[]): Promise<void>
}
