// SPDX-License-Identifier: Apache-2.0
/** An event as whoever looks for events sees it, whatever its type: what it is about, where it says so. Every `Event` is one. */
import type { MessageId } from './ids.ts'

export interface EventFacts {
  readonly type: string
  readonly at: string
  readonly tenant: string | null
  readonly stream?: string | null
  readonly campaign?: string | null
  readonly messageId?: MessageId | null
  readonly recipient?: string | null
  /** Of a reception. */
  readonly recipients?: readonly string[]
  readonly headerMessageId?: string | null
  readonly tags?: readonly string[] | undefined
  /** Of an attempt. */
  readonly site?: string
  readonly provider?: string | null
  /** Nobody got the mail but the simulated receiver: it says nothing of receivers, recipients or us. */
  readonly sandbox?: true | undefined
}

export function recipientsOf({ recipient, recipients }: EventFacts): readonly string[] {
  if (recipients !== undefined) return recipients
  return typeof recipient === 'string' ? [recipient] : []
}

/** The provider where it is known, else the site. */
export function providerOf({ provider, site }: EventFacts): string | null {
  return provider ?? site ?? null
}
