// SPDX-License-Identifier: Apache-2.0
/** Among workers each finding goes to the one that has its message: the id says whose it is. Of no message, it stays here. */
import type { MessageId } from '../events/ids.ts'
import type { FeedbackRecorder, Finding } from './finding.ts'

export class SharedRecorder implements FeedbackRecorder {
  readonly #own: FeedbackRecorder
  readonly #ownerOf: (id: MessageId) => FeedbackRecorder

  constructor(own: FeedbackRecorder, ownerOf: (id: MessageId) => FeedbackRecorder) {
    this.#own = own
    this.#ownerOf = ownerOf
  }

  async record(findings: readonly Finding[]): Promise<void> {
    const byOwner = Map.groupBy(findings, ({ messageId }) =>
      messageId === null ? this.#own : this.#ownerOf(messageId),
    )
    await Promise.all([...byOwner].map(([owner, its]) => owner.record(its)))
  }
}
