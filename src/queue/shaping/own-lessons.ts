// SPDX-License-Identifier: Apache-2.0
/** What replies have taught a process that is alone. */
import type { Clock } from '../../base/clock.ts'
import type { FlowIndex } from './flow-index.ts'
import type { LessonBook } from './lesson-book.ts'
import type { Learned, Lessons, Signal, Taught } from './lessons.ts'

export class OwnLessons implements Lessons {
  readonly #book: LessonBook
  readonly #clock: Clock
  readonly #onTaught: (taught: Taught) => void

  constructor(book: LessonBook, clock: Clock, onTaught: (taught: Taught) => void) {
    this.#book = book
    this.#clock = clock
    this.#onTaught = onTaught
  }

  get version(): number {
    return this.#book.version
  }

  get flows(): FlowIndex {
    return this.#book.flows
  }

  of(key: string): Learned | null {
    return this.#book.of(key)
  }

  hear(signal: Signal): void {
    for (const taught of this.#book.hear(signal, this.#clock.now())) this.#onTaught(taught)
  }
}
