// SPDX-License-Identifier: Apache-2.0
/** Among workers each finding goes to the one that has its message: the id says whose it is. Of no message, it stays here. */
import type { MessageId } from '../events/ids.ts'
import type { FeedbackRecorder, Finding, ReportedMessage } from './finding.ts'

export class SharedRecorder implements FeedbackRecorder {
  readonly #own: FeedbackRecorder
  readonly #ownerOf: (id: MessageId) => FeedbackRecorder

  constructor(own: FeedbackRecorder, ownerOf: (id: MessageId) => FeedbackRecorder) {
    this.#own = own
    this.#ownerOf = ownerOf
  }

  async record(findings: readonly Finding[]): Promise<readonly (ReportedMessage | null)[]> {
    const byOwner = Map.groupBy(findings, ({ messageId }) =>
      messageId === null ? this.#own : this.#ownerOf(messageId),
    )
    const messages = new Map<Finding, ReportedMessage | null>()
    await Promise.all(
      [...byOwner].map(async ([owner, its]) => {
        const found = await owner.record(its)
        for (const [at, finding] of its.entries()) messages.set(finding, found[at] ?? null)
      }),
    )
    return findings.map((finding) => messages.get(finding) ?? null)
  }
}
