// SPDX-License-Identifier: Apache-2.0
/** Which of a connection's octets are content: after DATA up to the dot, after BDAT by their count (RFC 3030). */
import type { Reply } from '../protocol/reply.ts'
import type { ContentLimits } from '../protocol/smtp/content-reader.ts'
import { chunkReply } from '../protocol/smtp/server-replies.ts'
import type { Effect } from '../protocol/smtp/session-effect.ts'
import type { InputBuffer } from './input-buffer.ts'
import type { ContentSink } from './server-handler.ts'
import { ServerTransfer } from './server-transfer.ts'

export interface ContentOwner {
  /** A message's content is about to come. */
  openSink(): ContentSink
  say(answer: Reply): void
  /** Nothing is read until then. */
  waitFor(work: Promise<void>): void
  /** The message is whole: refused with `answer`, or in the hands of `work`, which resolves to the reply. */
  refused(answer: Reply): void
  handedOver(work: Promise<Reply>): void
}

type Chunk = Extract<Effect, { kind: 'chunk' }>

export class ServerContent {
  readonly #limits: ContentLimits
  readonly #owner: ContentOwner
  #transfer: ServerTransfer | null = null
  #isDotted = false
  #chunk: Chunk | null = null
  /** Of the chunk, still to come. */
  #chunkOctets = 0

  constructor(limits: ContentLimits, owner: ContentOwner) {
    this.#limits = limits
    this.#owner = owner
  }

  /** A message is open, or a chunk is awaited that will be refused. */
  get isOpen(): boolean {
    return this.#transfer !== null || this.#chunk !== null
  }

  /** The next octets are content; else they are lines. */
  get isNext(): boolean {
    return this.#chunk !== null || (this.#isDotted && this.#transfer !== null)
  }

  beginDotted(): void {
    this.#isDotted = true
    this.#transfer = new ServerTransfer('dot-stuffed', this.#limits, this.#owner.openSink())
  }

  beginChunk(chunk: Chunk): void {
    this.#isDotted = false
    this.#chunk = chunk
    this.#chunkOctets = chunk.octets
    if (chunk.refusal === null)
      this.#transfer ??= new ServerTransfer('counted', this.#limits, this.#owner.openSink())
  }

  /** Where `isNext`. `false`: more octets are needed. */
  read(input: InputBuffer): boolean {
    if (this.#chunk !== null) return this.#readChunk(this.#chunk, input)
    return this.#transfer !== null && this.#readDotted(this.#transfer, input)
  }

  /** The message will not be finished. */
  drop(): void {
    this.#transfer?.abort()
    this.#transfer = null
  }

  #readDotted(transfer: ServerTransfer, input: InputBuffer): boolean {
    if (transfer.hasEnded) this.#end(transfer)
    else if (input.size === 0) return false
    else {
      input.skip(transfer.read(input.peek()))
      this.#waitForSink(transfer)
    }
    return true
  }

  #readChunk(chunk: Chunk, input: InputBuffer): boolean {
    if (this.#chunkOctets === 0) {
      this.#endChunk(chunk)
      return true
    }
    const octets = input.take(this.#chunkOctets)
    if (octets.length === 0) return false
    this.#chunkOctets -= octets.length
    if (chunk.refusal !== null || this.#transfer === null) return true
    this.#transfer.read(octets)
    this.#waitForSink(this.#transfer)
    return true
  }

  #endChunk(chunk: Chunk): void {
    this.#chunk = null
    if (chunk.refusal !== null || this.#transfer === null) {
      this.#owner.say(chunk.refusal ?? chunkReply(chunk.octets))
      return
    }
    if (chunk.isLast) this.#transfer.complete()
    if (chunk.isLast || this.#transfer.refusal !== null) this.#end(this.#transfer)
    else this.#owner.say(chunkReply(chunk.octets))
  }

  #end(transfer: ServerTransfer): void {
    this.#transfer = null
    const { refusal } = transfer
    if (refusal === null) this.#owner.handedOver(transfer.finish())
    else this.#owner.refused(refusal)
  }

  #waitForSink({ wait }: ServerTransfer): void {
    if (wait !== undefined) this.#owner.waitFor(wait)
  }
}
