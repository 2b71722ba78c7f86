// SPDX-License-Identifier: Apache-2.0
/** The content of one message on its way from a socket to its sink. A fault aborts the sink, and is said at the end. */
import type { Reply } from '../protocol/reply.ts'
import { type ContentLimits, ContentReader } from '../protocol/smtp/content-reader.ts'
import { contentFaultReplies } from '../protocol/smtp/server-replies.ts'
import type { ContentSink } from './server-handler.ts'

export class ServerTransfer {
  /** What the sink asked to wait for at the last `read`. */
  wait: Promise<void> | undefined
  readonly #sink: ContentSink
  readonly #reader: ContentReader
  #isOpen = true

  constructor(framing: 'dot-stuffed' | 'counted', limits: ContentLimits, sink: ContentSink) {
    this.#sink = sink
    this.#reader = new ContentReader(framing, limits)
  }

  /** Whether the end of dot-stuffed content was read. */
  get hasEnded(): boolean {
    return this.#reader.hasEnded
  }

  /** Why the content will be refused, once it is read. */
  get refusal(): Reply | null {
    const { fault } = this.#reader
    return fault === null ? null : contentFaultReplies[fault]
  }

  /** Reads content, and says how many octets were of it. */
  read(input: Buffer): number {
    const end = this.#reader.read(input)
    this.#write(this.#reader.content)
    return end
  }

  /** Counted content has come to its end. */
  complete(): void {
    this.#write(this.#reader.complete())
  }

  /** Only where there is no `refusal`. */
  finish(): Promise<Reply> {
    this.#isOpen = false
    return this.#sink.finish()
  }

  abort(): void {
    if (this.#isOpen) this.#sink.abort()
    this.#isOpen = false
  }

  #write(content: Buffer): void {
    this.wait = undefined
    if (this.#reader.fault !== null) this.abort()
    else if (content.length > 0) this.wait = this.#sink.write(content)
  }
}
