// SPDX-License-Identifier: Apache-2.0
/** What a journal owes at each moment of a traced life: what it was asked, what it answered, and what the disk promised of it. */
import type { TracedChange } from './disk-trace.ts'
import { ANSWERS_FILE, JOURNAL_FOLDER, type Said } from './power-words.ts'

export interface RecipientPromise {
  /** Asked for, answered or not. */
  deferrals: number
  finals: number
  /** When the last final outcome was answered; `null` where none was. */
  settledAt: number | null
}

export interface MessagePromise {
  readonly hash: string
  isAccepted: boolean
  readonly recipients: readonly RecipientPromise[]
}

const EVENTS = `${JOURNAL_FOLDER}/event-`

export class Promises {
  readonly messages = new Map<string, MessagePromise>()
  readonly #syncs = new Map<number, number>()
  #eventsSynced = 0
  #count = 0

  /** The next change was done. */
  apply(change: TracedChange): void {
    const at = this.#count++
    if (change.kind === 'write' && change.path === ANSWERS_FILE)
      this.#said(JSON.parse(change.octets.toString()) as Said, at)
    if (!change.path.startsWith(EVENTS)) return
    if (change.kind === 'sync') this.#syncs.set(change.descriptor, at)
    if (change.kind === 'synced')
      this.#eventsSynced = Math.max(this.#eventsSynced, this.#syncs.get(change.descriptor) ?? 0)
  }

  /** Whether a sync of events that began after the answer has worked: the recipient is never tried again. */
  isSettled({ settledAt }: RecipientPromise): boolean {
    return settledAt !== null && settledAt < this.#eventsSynced
  }

  #said(said: Said, at: number): void {
    if (said.what === 'submitted') {
      const recipients = Array.from({ length: said.recipients }, () => ({
        deferrals: 0,
        finals: 0,
        settledAt: null,
      }))
      this.messages.set(said.id, { hash: said.hash, isAccepted: false, recipients })
      return
    }
    const message = this.messages.get(said.id)
    if (message === undefined) throw new Error(`${said.id} was never submitted`)
    if (said.what === 'accepted') message.isAccepted = true
    else {
      const recipient = message.recipients[said.index]
      if (recipient === undefined) throw new Error(`${said.id} has no recipient ${said.index}`)
      if (said.what === 'settled') recipient.settledAt = said.isFinal ? at : recipient.settledAt
      else if (said.isFinal) recipient.finals++
      else recipient.deferrals++
    }
  }
}
