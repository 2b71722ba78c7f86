// SPDX-License-Identifier: Apache-2.0
/**
 * Walks through the parts of a message (RFC 2046 §5.1) while it streams by, and encodes those bodies as quoted-printable that
 * not every receiver takes: 8-bit ones where the policy says so, and those with long lines. A body without encoding is held until
 * it is known whether it needs one, for its header goes first. Signed and encrypted parts, and all other octets, pass as they came.
 *
 *   header ──▶ held ──▶ encoded       a delimiter of the multipart around it leads from
 *      ├─────▶ base64                 anywhere to the header of the next part, or behind
 *      └─────▶ passed                 the last one to passed
 *
 * Known limits: 8-bit octets in headers, preambles and epilogues stay; the message then needs 8BITMIME as before. A body that is
 * too long to be held is encoded where 8-bit ones are, and else passed: a long line that comes then is refused.
 */
import { isAscii } from 'node:buffer'
import { invariant, unreachable } from '../base/invariant.ts'
import { contentLimits, serverLimits } from '../base/limits/limits.ts'
import { isLongLine, linesOf, shortLines, textOf } from '../protocol/mime/lines.ts'
import { encodeLines } from '../protocol/mime/quoted-printable.ts'
import type { Reply } from '../protocol/reply.ts'
import { ChunkList } from './chunk-list.ts'
import type { ContentPolicy } from './content-policy.ts'
import * as refusal from './content-refusals.ts'
import { foldedHeader, kindOf, quotedPrintableHeader } from './entity-header.ts'
import { GatherBuffer } from './gather-buffer.ts'
import { OpenMultiparts } from './open-multiparts.ts'

type State =
  /** `isOfMessage`: of the message itself, or of one within it, not of a part. */
  | { readonly kind: 'header'; readonly held: GatherBuffer; readonly isOfMessage: boolean }
  | {
      readonly kind: 'held'
      readonly header: Buffer
      readonly isOfMessage: boolean
      readonly body: ChunkList
    }
  | { readonly kind: 'encoded' }
  | { readonly kind: 'base64' }
  | { readonly kind: 'passed' }

const allowed = {
  header: ['header', 'held', 'base64', 'passed'],
  held: ['header', 'encoded', 'passed'],
  encoded: ['header', 'passed'],
  base64: ['header', 'passed'],
  passed: ['header', 'passed'],
} as const satisfies Record<State['kind'], readonly State['kind'][]>

const NO_OCTETS = Buffer.alloc(0)
const DELIMITER = Buffer.from('\n--')
const CRLF = Buffer.from('\r\n')
const LF = 10
/** RFC 2045 §6.8. */
const BASE64_COLUMNS = 76

export class EntityEncoder {
  readonly #encodes8Bit: boolean
  readonly #multiparts = new OpenMultiparts()
  readonly #made = new ChunkList()
  #state: State = { kind: 'header', held: new GatherBuffer(), isOfMessage: true }
  #fault: Reply | null = null

  constructor({ eightBit }: ContentPolicy) {
    this.#encodes8Bit = eightBit === 'quoted-printable'
  }

  /** Why the message cannot be made what the policy wants; what comes after it is dropped. */
  get fault(): Reply | null {
    return this.#fault
  }

  /** Gives the message up. */
  refuse(why: Reply): void {
    this.#fault ??= why
  }

  /** That it keeps in memory, about, beside what goes on. */
  get heldOctets(): number {
    if (this.#state.kind === 'header') return this.#state.held.heldOctets
    return this.#state.kind === 'held' ? this.#state.header.length + this.#state.body.length : 0
  }

  /** What goes on, since the last time. */
  take(): readonly Uint8Array[] {
    return this.#made.take()
  }

  /** Takes those lines at once, from the beginning of one on, that need no look at each. Gives how many octets they were. */
  lines(chunk: Buffer, from: number): number {
    const state = this.#state
    const { kind } = state
    if (this.#fault !== null || kind === 'header') return 0
    const hasDelimiters = this.#multiparts.depth > 0
    if (hasDelimiters && this.#multiparts.mayDelimit(chunk, from)) return 0
    let window = chunk.subarray(from, from + contentLimits.wholeOctets)
    // First, so that of many short parts each octet is looked at once.
    const delimiter = hasDelimiters ? window.indexOf(DELIMITER) : -1
    if (delimiter !== -1) window = window.subarray(0, delimiter + 1)
    const end = kind === 'encoded' ? window.lastIndexOf(LF) + 1 : shortLines(window)
    const lines = window.subarray(0, end)
    if (lines.length === 0) return 0
    if (state.kind === 'held') this.#hold(state, lines)
    else if (kind === 'encoded') this.#encode(lines)
    else this.#made.push(lines)
    return lines.length
  }

  /** With its line end; only the last line of the content may lack one. */
  line(line: Buffer): void {
    if (this.#fault !== null) return
    if (this.#multiparts.mayDelimit(line, 0) && this.#takeDelimiter(line)) return
    const state = this.#state
    switch (state.kind) {
      case 'header':
        this.#takeHeaderLine(state, line)
        break
      case 'held':
        this.#hold(state, line)
        break
      case 'encoded':
        this.#encode(line)
        break
      case 'base64':
        this.#passBase64(line)
        break
      case 'passed':
        this.#pass(line)
        break
      default:
        unreachable(state)
    }
  }

  /** After the last line. */
  end(): void {
    if (this.#fault === null) this.#release()
  }

  /** `false`: of no multipart that is open. */
  #takeDelimiter(line: Buffer): boolean {
    const found = this.#multiparts.delimit(line)
    if (found === null) return false
    this.#release()
    this.#enter(
      found === 'last'
        ? { kind: 'passed' }
        : { kind: 'header', held: new GatherBuffer(), isOfMessage: false },
    )
    this.#pass(line)
    return true
  }

  #takeHeaderLine(state: State & { kind: 'header' }, line: Buffer): void {
    const header = state.held.append(line)
    if (line.equals(CRLF)) this.#takeHeader(header, state.isOfMessage)
    else if (header.length > serverLimits.headerOctets) this.#release()
  }

  /** All of it, with the blank line. */
  #takeHeader(header: Buffer, isOfMessage: boolean): void {
    const entity = kindOf(header, this.#multiparts.isInDigest && !isOfMessage)
    switch (entity.kind) {
      case 'identity':
        this.#enter({ kind: 'held', header, isOfMessage, body: new ChunkList() })
        break
      case 'message':
        this.#enter({ kind: 'header', held: new GatherBuffer(), isOfMessage: true })
        this.#passHeader(header)
        break
      case 'multipart':
        this.#multiparts.open(entity)
        this.#enter({ kind: 'passed' })
        this.#passHeader(header)
        break
      case 'base64':
      case 'opaque':
        this.#enter({ kind: entity.kind === 'base64' ? 'base64' : 'passed' })
        this.#passHeader(header)
        break
      case 'unreadable':
        this.#enter({ kind: 'passed' })
        this.#pass(header)
        break
      default:
        unreachable(entity)
    }
  }

  /** One line, or several that are short. */
  #hold(state: State & { kind: 'held' }, lines: Buffer): void {
    state.body.push(lines)
    const needsEncoding = shortLines(lines) < lines.length || (this.#encodes8Bit && !isAscii(lines))
    const isUndecided = state.body.length > contentLimits.undecidedOctets
    if (needsEncoding || (isUndecided && this.#encodes8Bit)) this.#encodeHeld(state)
    else if (isUndecided) this.#release()
  }

  #encodeHeld({ header, isOfMessage, body }: State & { kind: 'held' }): void {
    this.#enter({ kind: 'encoded' })
    const held = body.take()
    const is8Bit = held.some((chunk) => !isAscii(chunk))
    this.#passHeader(quotedPrintableHeader(header, { is8Bit, isOfMessage }))
    for (const chunk of held) this.#encode(chunk)
  }

  #encode(lines: Buffer): void {
    const encoded = encodeLines(lines)
    if (encoded === null) this.refuse(refusal.bareLineEnd)
    else this.#made.push(encoded)
  }

  /** What is held was not in need of anything. */
  #release(): void {
    const state = this.#state
    if (state.kind === 'held') {
      this.#enter({ kind: 'passed' })
      this.#passHeader(state.header)
      for (const chunk of state.body.take()) this.#made.push(chunk)
    } else if (state.kind === 'header') {
      this.#enter({ kind: 'passed' })
      this.#pass(state.held.append(NO_OCTETS))
    }
  }

  #passHeader(header: Buffer): void {
    const folded = foldedHeader(header)
    if (folded === null) this.refuse(refusal.lineTooLong)
    else this.#made.push(folded)
  }

  #passBase64(line: Buffer): void {
    if (!isLongLine(line)) {
      this.#made.push(line)
      return
    }
    const text = textOf(line)
    for (let at = 0; at < text.length; at += BASE64_COLUMNS) {
      this.#made.push(text.subarray(at, at + BASE64_COLUMNS))
      this.#made.push(CRLF)
    }
  }

  #pass(lines: Buffer): void {
    for (const line of linesOf(lines)) if (isLongLine(line)) this.refuse(refusal.lineTooLong)
    this.#made.push(lines)
  }

  /** The only place where the state changes. */
  #enter(to: State): void {
    const targets: readonly string[] = allowed[this.#state.kind]
    invariant(
      targets.includes(to.kind),
      `an entity may not go from ${this.#state.kind} to ${to.kind}`,
    )
    this.#state = to
  }
}
