// SPDX-License-Identifier: Apache-2.0
/** One accepted message on its way through the group commit, and what memory knows of it afterwards. */
import type { RelayError } from '../../base/errors.ts'
import { invariant } from '../../base/invariant.ts'
import { delayReportAt, firstDueAt, type WaitingRecipient } from '../../spool/message.ts'
import { queueOf } from '../../spool/queue-name.ts'
import type { ContentCache } from './content-cache.ts'
import type { Accepted } from './draft.ts'
import { noEffect } from './event-record.ts'
import type { EventWriter } from './event-writer.ts'
import type { Lane } from './lane.ts'
import { encodeFacts, type StoredContent, stageMail } from './mail-record.ts'
import type { MailItem } from './mail-writer.ts'
import { addressOf } from './resident.ts'
import type { Residents } from './residents.ts'
import { RECIPIENTS_PER_LSN, shareOf } from './row.ts'

export interface AcceptanceParts {
  readonly residents: Residents
  readonly cache: ContentCache
  /** A message whose content has a file is durable. */
  readonly onFile: (name: string, mailLsn: number) => void
}

/** Octets of a record beside content and signature, about. */
const FACTS_OCTETS = 1_024

export class Acceptance implements MailItem {
  readonly #parts: AcceptanceParts
  readonly #accepted: Accepted
  readonly #facts: string
  readonly #end = Promise.withResolvers<readonly WaitingRecipient[]>()
  #place = { lsn: 0, segment: 0, offset: 0, octets: 0 }

  constructor(parts: AcceptanceParts, accepted: Accepted) {
    const { recipients } = accepted.message.envelope
    invariant(recipients.length <= RECIPIENTS_PER_LSN, 'a record names its recipients in 14 bits')
    this.#parts = parts
    this.#accepted = accepted
    this.#facts = encodeFacts(accepted.message, null)
  }

  /** The recipients, once they are durable; the caller owns them. */
  get recipients(): Promise<readonly WaitingRecipient[]> {
    return this.#end.promise
  }

  get octets(): number {
    const { content, signature } = this.#accepted
    return FACTS_OCTETS + signature.byteLength + (isInline(content) ? content.byteLength : 0)
  }

  get lsn(): number {
    return this.#place.lsn
  }

  stage(lane: Lane): boolean {
    this.#place = { segment: 0, ...stageMail(lane, 'mail', this.#facts, this.#accepted) }
    return true
  }

  written(segment: number, offset: number, events: EventWriter): void {
    this.#place.segment = segment
    this.#place.offset += offset
    events.append('received', this.#accepted.received, { ...noEffect, mailLsn: this.#place.lsn })
  }

  durable(): void {
    const { residents, cache, onFile } = this.#parts
    const { message, signature, content } = this.#accepted
    const { lsn, segment, offset, octets } = this.#place
    const share = shareOf(octets, message.envelope.recipients.length)
    const resident = residents.addMessage({ lsn, segment, offset, share, message })
    resident.hasFile = !isInline(content)
    if (isInline(content)) cache.add(resident, signature, content)
    else onFile(message.id, lsn)
    const address = addressOf(resident)
    const hold = message.hold ? 'held' : 'none'
    this.#end.resolve(
      message.envelope.recipients.map((_, index) => {
        const delayAt = delayReportAt(message, index)
        const fresh = { attempts: 0, dueAt: firstDueAt(message, index), lastAttempt: null }
        const state = { ...fresh, index, delayAt, hold, hasRow: false } as const
        residents.own(resident, queueOf(message, index), state)
        return { message, address, index, ...fresh }
      }),
    )
  }

  failed(failure: RelayError): void {
    this.#end.reject(failure)
  }
}

function isInline(content: StoredContent): content is Uint8Array {
  return content instanceof Uint8Array
}
