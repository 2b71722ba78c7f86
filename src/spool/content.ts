// SPDX-License-Identifier: Apache-2.0
/**
 * The content of a message as it goes over the wire, and why there may be none.
 *
 * Damage (a missing file, a checksum that does not match) is permanent: a person decides what becomes of the mail. Trouble of the machine
 * (no descriptors, no memory, a disk that does not answer) passes: the mail is tried again. The two never stand for each other.
 */

/** What goes over the wire. */
export interface OutgoingContent {
  /** The signature fields, CRLF at the end of each. */
  readonly signature: Uint8Array
  /** Bytes of the body; `signature` is not counted. */
  readonly size: number
  /**
   * Whole where it is small or still in memory, else chunks from the disk, to be read once. Reading may reject: see `trouble`. The last
   * chunk comes only when the checksum of all of them is right.
   */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
  /** Why reading the body rejected; `null` while it has not. */
  readonly trouble: ContentTrouble | null
}

/** Dispose of it after use, whether or not the body was read: a body on the disk holds a descriptor from its first chunk on. */
export interface SpooledContent extends OutgoingContent, AsyncDisposable {
  readonly kind: 'readable'
}

export type ContentTrouble =
  /** It is not what was accepted. `why` is a phrase for people: "its file is missing". */
  | { readonly kind: 'damaged'; readonly why: string }
  /** It cannot be read now. */
  | { readonly kind: 'unreadable'; readonly error: unknown }

export type FoundContent = SpooledContent | ContentTrouble | { readonly kind: 'gone' }

const NOTHING_HELD = Promise.resolve()

/** Content that is in memory. */
export class MemoryContent implements SpooledContent {
  readonly kind = 'readable'
  readonly trouble = null
  readonly signature: Uint8Array
  readonly body: Uint8Array

  constructor(signature: Uint8Array, body: Uint8Array) {
    this.signature = signature
    this.body = body
  }

  get size(): number {
    return this.body.byteLength
  }

  [Symbol.asyncDispose](): Promise<void> {
    return NOTHING_HELD
  }
}
