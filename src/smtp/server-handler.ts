// SPDX-License-Identifier: Apache-2.0
/** What the server shell asks of whoever decides about mail: one handler a session, one sink a message. */
import type { Envelope } from '../protocol/envelope.ts'
import type { Reply } from '../protocol/reply.ts'
import type { SessionFacts, SessionPolicy } from '../protocol/smtp/session-policy.ts'

export interface SessionHandler<Identity> extends SessionPolicy<Identity> {
  /** Content of an accepted envelope is about to come. */
  begin(session: SessionFacts<Identity>, envelope: Envelope): ContentSink
  /** Asked when somebody may have lost what let them in: `null` where this client may stay, else what it hears before it is cut off. */
  dismissal(session: SessionFacts<Identity>): Reply | null
}

export interface ContentSink {
  /** Content as it was meant, in any chunking. Reading stops until a returned promise resolves. Never rejects. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** All was written; the reply to the end of data. Never rejects. */
  finish(): Promise<Reply>
  /** The content was refused, or the client went away. */
  abort(): void
}
