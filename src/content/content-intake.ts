// SPDX-License-Identifier: Apache-2.0
/**
 * Content on its way in, from the submitter's octets to those of the spool:
 *
 *   beginning ──▶ prepared ▸ assembled      the header section says how the rest is to be handled
 *       └────────────▶ refused ◀──┘         what comes then is dropped, and `finish` says why
 */
import { serverLimits } from '../base/limits/limits.ts'
import { type Domain, domainOf } from '../protocol/mailbox.ts'
import { parseAddressList } from '../protocol/message/address-list.ts'
import {
  fieldValue,
  findHeaderEnd,
  type HeaderField,
  parseHeaderSection,
} from '../protocol/message/header-section.ts'
import type { Reply } from '../protocol/reply.ts'
import { type AssembledContent, ContentAssembler } from './content-assembler.ts'
import type { ContentOptions } from './content-options.ts'
import type { ContentPolicy } from './content-policy.ts'
import { ContentPreparation } from './content-preparation.ts'
import * as refusal from './content-refusals.ts'
import { type ControlFields, noControlFields, readControlFields } from './control-fields.ts'
import { GatherBuffer } from './gather-buffer.ts'
import { TrackedContent } from './tracked-content.ts'

/** What is known of a message before its content is handled. */
export interface Beginning {
  readonly said: ControlFields
  /** Of the first mailbox in From; `null` where there is none, and then the content will be refused. */
  readonly fromDomain: () => Domain | null
}

/** Decides once, when the header section is there. */
export type Handle = (beginning: Beginning) => ContentPolicy | { readonly refused: Reply }

const NOTHING: readonly Uint8Array[] = []
const NO_OCTETS = Buffer.alloc(0)
const CRLF = Buffer.from('\r\n')

export class ContentIntake {
  readonly #handle: Handle
  readonly #beginning = new GatherBuffer()
  readonly #content: ContentAssembler
  /** `null` until the header section is there. */
  #preparation: ContentPreparation | null = null
  /** `null`: it is not tracked, as most. */
  #tracked: TrackedContent | null = null
  #refusal: Reply | null = null

  constructor(options: ContentOptions, handle: Handle) {
    this.#handle = handle
    this.#content = new ContentAssembler(options)
  }

  /** That it keeps in memory, about. */
  get heldOctets(): number {
    const waiting = this.#preparation?.heldOctets ?? this.#beginning.heldOctets
    return waiting + (this.#tracked?.heldOctets ?? 0) + this.#content.heldOctets
  }

  /** Chunks for the spool, in order. One that comes is kept, not copied. */
  write(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#refusal !== null) return NOTHING
    if (this.#preparation !== null) return this.#prepare(this.#preparation, chunk)
    const searched = this.#beginning.length
    const held = this.#beginning.append(chunk)
    const end = findHeaderEnd(held, searched)
    // One that is too long is for the assembler to refuse.
    return end === -1 && held.length <= serverLimits.headerOctets ? NOTHING : this.#begin(held, end)
  }

  /** Lets go of what came, and drops what comes: somebody else refuses the message. */
  refuse(why: Reply): void {
    this.#refusal ??= why
    this.#beginning.clear()
    this.#tracked = null
    this.#content.refuse(why)
  }

  /** Once, after the last chunk. */
  finish(): AssembledContent {
    const chunks = [
      ...this.#endBeginning(),
      ...this.#endTracked(),
      ...this.#assemble(this.#preparation?.finish() ?? NOTHING),
    ]
    const fault = this.#refusal ?? this.#preparation?.fault ?? null
    const assembled = this.#content.finish()
    if (fault !== null) return { kind: 'fault', reply: fault }
    return assembled.kind === 'fault'
      ? assembled
      : { ...assembled, chunks: [...chunks, ...assembled.chunks] }
  }

  /** Content without a blank line is a header section alone (RFC 5322 §3.5). */
  #endBeginning(): readonly Uint8Array[] {
    if (this.#refusal !== null || this.#preparation !== null) return NOTHING
    const isOpen = this.#beginning.length > 0 && !this.#beginning.endsWith(CRLF)
    const held = this.#beginning.append(isOpen ? CRLF : NO_OCTETS)
    return this.#begin(held, held.length)
  }

  #begin(held: Buffer, end: number): readonly Uint8Array[] {
    const handling = this.#handling(held, end)
    if ('refused' in handling) {
      this.refuse(handling.refused)
      return NOTHING
    }
    this.#preparation = new ContentPreparation(handling)
    if (handling.unsubscribe !== undefined) this.#content.offerUnsubscribe(handling.unsubscribe)
    if (handling.tracking !== undefined) this.#tracked = new TrackedContent(handling.tracking)
    this.#beginning.clear()
    return this.#prepare(this.#preparation, held)
  }

  #prepare(preparation: ContentPreparation, chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#tracked === null) return this.#assemble(preparation.write(chunk))
    return this.#tracked.write(chunk).flatMap((each) => this.#assemble(preparation.write(each)))
  }

  /** What was held of it, changed. */
  #endTracked(): readonly Uint8Array[] {
    const preparation = this.#preparation
    if (this.#tracked === null || preparation === null || this.#refusal !== null) return NOTHING
    return this.#tracked.finish().flatMap((each) => this.#assemble(preparation.write(each)))
  }

  #handling(held: Buffer, end: number): ReturnType<Handle> {
    const section = parseHeaderSection(held, Math.max(0, end))
    // What cannot be read says nothing; the assembler will say why it cannot.
    if (section.kind === 'fault') return this.#handle({ said: noControlFields, fromDomain: nobody })
    const said = readControlFields(section.fields)
    if ('why' in said) return { refused: refusal.ofControlFault(said) }
    return this.#handle({ said, fromDomain: () => fromDomainIn(section.fields) })
  }

  #assemble(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
    const [first, ...others] = chunks
    if (first === undefined) return NOTHING
    if (others.length === 0) return this.#content.write(first)
    return chunks.flatMap((chunk) => this.#content.write(chunk))
  }
}

function nobody(): null {
  return null
}

function fromDomainIn(fields: readonly HeaderField[]): Domain | null {
  const from = fields.find(({ name }) => name === 'from')
  const [first] = from === undefined ? [] : parseAddressList(fieldValue(from), 1).mailboxes
  return first === undefined ? null : domainOf(first)
}
