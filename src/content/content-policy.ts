// SPDX-License-Identifier: Apache-2.0
/** What a stream has done with content that not every receiver takes. */
import type { Stream } from '../records/records.ts'
import type { LinkTracker } from './link-tracker.ts'

export interface ContentPolicy extends Pick<Stream, 'eightBit' | 'longLines'> {
  /** Added where the submitter offers no way out. */
  readonly unsubscribe?: WaysOut
  /** What its HTML is changed by, so that openings and clicks can be counted. */
  readonly tracking?: LinkTracker
}

/** How a recipient gets no more of it (RFC 2369 §3.2). */
export interface WaysOut {
  /** Mailbox and subject to write to, as a `mailto:` URL (RFC 6068). */
  readonly mailto: string
  /** An `https:` URL where one POST is enough (RFC 8058); `null`: this relay serves none. */
  readonly oneClick: string | null
}
