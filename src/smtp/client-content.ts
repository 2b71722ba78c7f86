// SPDX-License-Identifier: Apache-2.0
/** Writes the content of a transaction: small content in one write, any other at the pace that the server takes it. */
import { DotStuffer } from '../protocol/smtp/client-dot-stuffer.ts'
import type { ContentTrouble, OutgoingContent } from '../spool/content.ts'
import type { ClientConnection } from './client-connection.ts'

/** How streaming ended. `unwanted`: the transaction was over before the content was. */
export type StreamEnd = 'sent' | 'unwanted' | 'wrong-size'

export class ContentWriter {
  /** Signature and body, before dots are stuffed. */
  readonly octets: number
  readonly #connection: ClientConnection
  readonly #content: OutgoingContent
  readonly #chunking: boolean
  #isUnderWay = false

  /** `chunking`: by BDAT, else by DATA with stuffed dots and a final one. */
  constructor(connection: ClientConnection, content: OutgoingContent, chunking: boolean) {
    this.#connection = connection
    this.#content = content
    this.#chunking = chunking
    this.octets = content.signature.length + content.size
  }

  get fitsOneWrite(): boolean {
    return (
      this.#content.body instanceof Uint8Array &&
      this.octets <= this.#connection.dial.limits.contentWriteOctets
    )
  }

  /** Streaming has begun, and the last octet, with BDAT of the announced ones, has not been handed to the system. */
  get isUnderWay(): boolean {
    return this.#isUnderWay
  }

  /** Why its source rejected, where it did. */
  get trouble(): ContentTrouble | null {
    return this.#content.trouble
  }

  /** One BDAT for all: no half message can ever count as whole. */
  get bdat(): string {
    return `BDAT ${this.octets} LAST`
  }

  /** Everything behind `before`, in one write. Only where it fits. */
  writeWhole(before: string): void {
    const { signature, body } = this.#content
    if (!(body instanceof Uint8Array)) return
    const pieces: Uint8Array[] = [Buffer.from(before)]
    if (this.#chunking) pieces.push(signature, body)
    else stuffWhole([signature, body], pieces)
    this.#connection.write(Buffer.concat(pieces))
  }

  /** Each part must be taken within `dataBlockMs`. Rejects where the content's own source does. */
  async stream(isWanted: () => boolean): Promise<StreamEnd> {
    const stuffer = this.#chunking ? null : new DotStuffer()
    let read = 0
    this.#isUnderWay = true
    for await (const chunk of this.#chunks()) {
      if (!isWanted()) return 'unwanted'
      read += chunk.length
      if (read > this.octets) return 'wrong-size'
      this.#connection.expect('a part of the content', this.#connection.dial.timeouts.dataBlockMs)
      this.#connection.write(stuffer ? stuffed(stuffer, chunk) : chunk)
      if (!stuffer && read === this.octets) {
        // The server may answer before the source has said that it ends: nothing is waited for any more.
        this.#isUnderWay = false
        return 'sent'
      }
      await this.#connection.drained()
    }
    if (!isWanted()) return 'unwanted'
    if (!stuffer || read !== this.octets) return 'wrong-size'
    this.#connection.write(stuffer.end())
    this.#isUnderWay = false
    return 'sent'
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const { signature, body } = this.#content
    yield signature
    if (!(body instanceof Uint8Array)) return yield* body
    const octets = this.#connection.dial.limits.contentWriteOctets
    for (let at = 0; at < body.length; at += octets) yield body.subarray(at, at + octets)
  }
}

function stuffWhole(chunks: readonly Uint8Array[], pieces: Uint8Array[]): void {
  const stuffer = new DotStuffer()
  for (const chunk of chunks) stuffer.push(chunk, pieces)
  pieces.push(stuffer.end())
}

/** Copied only where dots were added. */
function stuffed(stuffer: DotStuffer, chunk: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  stuffer.push(chunk, pieces)
  return pieces.length === 1 ? (pieces[0] ?? chunk) : Buffer.concat(pieces)
}
