// SPDX-License-Identifier: Apache-2.0
/** Among workers each hit goes to the one that has its message, as findings do. */
import type { MessageId } from '../events/ids.ts'
import type { Hit, HitRecorder } from './hit.ts'

export class SharedHits implements HitRecorder {
  readonly #ownerOf: (id: MessageId) => HitRecorder

  constructor(ownerOf: (id: MessageId) => HitRecorder) {
    this.#ownerOf = ownerOf
  }

  /** Those of one owner are written though another one is away. */
  async hits(hits: readonly Hit[]): Promise<void> {
    const byOwner = Map.groupBy(hits, ({ messageId }) => this.#ownerOf(messageId))
    const ends = await Promise.allSettled([...byOwner].map(([owner, its]) => owner.hits(its)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}
