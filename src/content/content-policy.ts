// SPDX-License-Identifier: Apache-2.0
/** What a stream has done with content that not every receiver takes. */
import type { Stream } from '../records/records.ts'

export interface ContentPolicy extends Pick<Stream, 'eightBit' | 'longLines'> {
  /** Mailbox and subject to write to for no more of it, as a `mailto:` URL (RFC 6068): added where the submitter offers no way. */
  readonly unsubscribe?: string
}
