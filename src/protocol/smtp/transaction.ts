// SPDX-License-Identifier: Apache-2.0
/** A transaction while it is told: from MAIL to the content. RFC 5321 §3.3. */
import { memoryLimits } from '../../base/limits/process-limits.ts'
import type { DeliveryWishes, Envelope, Recipient } from '../envelope.ts'
import type { Mailbox } from '../mailbox.ts'
import type { MailCommand } from './command.ts'

export class Transaction {
  readonly mail: MailCommand
  readonly #wishes: DeliveryWishes
  readonly #recipients: Recipient[] = []
  readonly #forwardPaths = new Set<Mailbox>()
  /** That the recipients keep in memory, about. */
  heldOctets = 0

  constructor(mail: MailCommand, wishes: DeliveryWishes) {
    this.mail = mail
    this.#wishes = wishes
  }

  /** Empty for the null reverse-path. */
  get reversePathText(): string {
    return this.mail.reversePath ?? ''
  }

  get recipientCount(): number {
    return this.#recipients.length
  }

  has(forwardPath: Mailbox): boolean {
    return this.#forwardPaths.has(forwardPath)
  }

  /** A forward-path that was told before is one recipient, with the parameters of the first. */
  add(recipient: Recipient, lineOctets: number): void {
    if (this.#forwardPaths.has(recipient.forwardPath)) return
    // Its texts are parts of the line, which lives as long as they.
    this.heldOctets += lineOctets + memoryLimits.recipientOctets
    this.#forwardPaths.add(recipient.forwardPath)
    this.#recipients.push(recipient)
  }

  get envelope(): Envelope {
    const { reversePath, body, smtputf8, envid, requireTls } = this.mail
    // RFC 8689 §5: a report of such a message returns no more than its header section, unless more was asked for.
    const ret = this.mail.ret ?? (requireTls ? 'HDRS' : null)
    return {
      reversePath,
      recipients: this.#recipients,
      body,
      smtputf8,
      ret,
      envid,
      ...this.#wishes,
    }
  }
}
