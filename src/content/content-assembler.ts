// SPDX-License-Identifier: Apache-2.0
/**
 * Makes content out of what a submitter sent, while it streams by. Only the header section is held and edited: `Received` on
 * top (RFC 5321 §4.4), `Date` and `Message-ID` where missing (RFC 6409 §8), `Bcc` and `Return-Path` out. All other octets
 * stay as they were, and the body's are not even copied; its hash for DKIM is taken on the way.
 *
 *   header ──▶ body ──┐         chunks pass through
 *      └─────▶ refused ◀─┘      what comes then is dropped, and `finish` says why
 */
import { isAscii } from 'node:buffer'
import { invariant } from '../base/invariant.ts'
import { contentLimits, serverLimits } from '../base/limits/limits.ts'
import { memoryLimits } from '../base/limits/process-limits.ts'
import { RelaxedBodyHash } from '../protocol/dkim/relaxed-body.ts'
import {
  findHeaderEnd,
  type HeaderField,
  parseHeaderSection,
} from '../protocol/message/header-section.ts'
import type { Reply } from '../protocol/reply.ts'
import type { ContentOptions } from './content-options.ts'
import type { WaysOut } from './content-policy.ts'
import * as refusal from './content-refusals.ts'
import { GatherBuffer } from './gather-buffer.ts'
import { editHeader } from './header-edit.ts'
import { type FieldFacts, type HeaderFacts, readFieldFacts } from './header-facts.ts'

export type AssembledContent =
  | {
      readonly kind: 'content'
      /** Those that `write` did not give yet. */
      readonly chunks: readonly Uint8Array[]
      readonly facts: HeaderFacts
      /** The fields as they will be sent, for the signature. */
      readonly header: readonly HeaderField[]
      /** `bh=` of DKIM, base64. */
      readonly bodyHash: string
      /** Octets of all chunks. */
      readonly size: number
    }
  | { readonly kind: 'fault'; readonly reply: Reply }

type State =
  | { readonly kind: 'header' }
  | { readonly kind: 'body'; readonly facts: FieldFacts; readonly header: readonly HeaderField[] }
  | { readonly kind: 'refused'; readonly reply: Reply }

const allowed = {
  header: ['body', 'refused'],
  body: ['refused'],
  refused: [],
} as const satisfies Record<State['kind'], readonly State['kind'][]>

const NOTHING: readonly Uint8Array[] = []
const CRLF = Buffer.from('\r\n')

export class ContentAssembler {
  readonly #options: ContentOptions
  readonly #held = new GatherBuffer()
  readonly #bodyHash = new RelaxedBodyHash()
  #state: State = { kind: 'header' }
  #is8BitBody = false
  #size = 0
  #unsubscribe: WaysOut | null = null

  constructor(options: ContentOptions) {
    this.#options = options
  }

  /** That it keeps in memory, about. */
  get heldOctets(): number {
    if (this.#state.kind === 'body')
      return this.#state.header.length * memoryLimits.headerFieldOctets
    return this.#held.heldOctets
  }

  /** For a List-Unsubscribe, where the submitter has none. Before the first octet comes. */
  offerUnsubscribe(ways: WaysOut): void {
    this.#unsubscribe = ways
  }

  /** Chunks for the spool, in order; none until the header section is complete. A chunk is kept, not copied. */
  write(chunk: Uint8Array): readonly Uint8Array[] {
    if (chunk.length === 0 || this.#state.kind === 'refused') return NOTHING
    if (this.#state.kind === 'body') {
      this.#takeBody(chunk)
      return [chunk]
    }
    const searched = this.#held.length
    const held = this.#held.append(chunk)
    const end = findHeaderEnd(held, searched)
    if (end > serverLimits.headerOctets || (end === -1 && held.length > serverLimits.headerOctets))
      return this.#refuse(refusal.headerTooLong)
    if (end === -1) return NOTHING
    if (end === 0) return this.#refuse(refusal.noHeader)
    return this.#takeHeader(held, end)
  }

  /** Lets go of what came, and drops what comes: somebody else refuses the message. */
  refuse(reply: Reply): void {
    if (this.#state.kind !== 'refused') this.#enter({ kind: 'refused', reply })
  }

  /** Once, after the last chunk. */
  finish(): AssembledContent {
    const chunks = this.#state.kind === 'header' ? this.#endInHeader() : NOTHING
    const state = this.#state
    if (state.kind === 'refused') return { kind: 'fault', reply: state.reply }
    invariant(state.kind === 'body', 'content without a blank line was completed')
    const bodyHash = this.#bodyHash.digest()
    if (this.#bodyHash.hasBareLineEnd) return { kind: 'fault', reply: refusal.bareLineEnd }
    const facts = { ...state.facts, is8BitBody: this.#is8BitBody }
    return { kind: 'content', chunks, facts, header: state.header, bodyHash, size: this.#size }
  }

  /** `end` is where the blank line begins. */
  #takeHeader(held: Buffer, end: number): readonly Uint8Array[] {
    const section = parseHeaderSection(held, end)
    if (section.kind === 'fault') return this.#refuse(refusal.ofHeaderFault(section))
    const facts = readFieldFacts(section.fields)
    if ('fault' in facts) return this.#refuse(refusal.ofFieldFault(facts))
    if (facts.receivedCount >= contentLimits.receivedFields)
      return this.#refuse(refusal.tooManyHops)
    const edited = editHeader(held, section.fields, facts, {
      ...this.#options,
      unsubscribe: this.#unsubscribe,
    })
    this.#enter({ kind: 'body', facts, header: edited.header })
    for (const chunk of edited.chunks) this.#size += chunk.length
    this.#size += CRLF.length
    this.#takeBody(held.subarray(end + CRLF.length))
    return [...edited.chunks, held.subarray(end)]
  }

  #takeBody(chunk: Uint8Array): void {
    this.#size += chunk.length
    this.#is8BitBody ||= !isAscii(chunk)
    this.#bodyHash.update(chunk)
  }

  /** Content without a blank line is a header section alone (RFC 5322 §3.5); its body is empty. */
  #endInHeader(): readonly Uint8Array[] {
    if (this.#held.length === 0) return this.#refuse(refusal.noHeader)
    if (!this.#held.endsWith(CRLF)) this.#held.append(CRLF)
    const held = this.#held.append(CRLF)
    return this.#takeHeader(held, held.length - CRLF.length)
  }

  #refuse(reply: Reply): readonly Uint8Array[] {
    this.#enter({ kind: 'refused', reply })
    return NOTHING
  }

  /** The only place where the state changes. What was held is passed on or dropped by now. */
  #enter(to: State): void {
    const from = this.#state.kind
    invariant(
      (allowed[from] as readonly string[]).includes(to.kind),
      `content may not go from ${from} to ${to.kind}`,
    )
    this.#state = to
    this.#held.clear()
  }
}
