// SPDX-License-Identifier: Apache-2.0
/**
 * The text of a `DKIM-Signature` field. RFC 6376 §3.5, RFC 8463 §3. The parts that depend on the key alone are made once, and
 * lines are folded at 76 columns.
 *
 * Folds are a CRLF and a tab, nothing else stands beside them: unfolded and relaxed they are one space, so that the canonical
 * form (§3.4.2) is the same text with spaces, and is never parsed out of the field again.
 */
import type { Instant } from '../../base/brand.ts'
import { RecentMap } from '../../base/recent-map.ts'
import type { Domain } from '../mailbox.ts'

export type SigningAlgorithm = 'rsa-sha256' | 'ed25519-sha256'

const FOLD = '\r\n\t'
const LINE_COLUMNS = 76
/** Each may have as many names as a header has fields. */
const KNOWN_LISTS = 200
const knownLists = new RecentMap<string, Folded>(KNOWN_LISTS)

/** What all signatures of one key begin with: the tags up to `t=`. */
export function signatureHead(
  algorithm: SigningAlgorithm,
  domain: Domain,
  selector: string,
): Folded {
  const lines = ['v=1;', `a=${algorithm};`, 'c=relaxed/relaxed;', `d=${domain};`, `s=${selector};`]
  return folded(`${fold(lines, ' ', 'DKIM-Signature:'.length)}${FOLD}t=`)
}

/** A text as it stands in the field, and its canonical form. */
export interface Folded {
  readonly text: string
  readonly canonical: string
}

/** The tags between `t=` and the signature; the same for all keys of one message. */
export function signatureTail(bodyHash: string, names: readonly string[], at: Instant): Folded {
  const list = nameList(names.join(':'))
  const beginning = `${Math.floor(at / 1_000)}; bh=${bodyHash};`
  return {
    text: `${beginning}${FOLD}h=${list.text}${FOLD}b=`,
    canonical: `${beginning} h=${list.canonical} b=`,
  }
}

/** What is signed after the header fields: the field itself, `b=` empty, no CRLF at its end (RFC 6376 §3.7). */
export function canonicalSignatureField(head: Folded, tail: Folded): string {
  return `dkim-signature:${head.canonical}${tail.canonical}`
}

/** The whole field with its CRLF. `signature` is base64. */
export function signatureField(
  { text: head }: Folded,
  { text: tail }: Folded,
  signature: string,
): string {
  const first = LINE_COLUMNS - '\tb='.length
  let folded = signature.slice(0, first)
  for (let at = first; at < signature.length; at += LINE_COLUMNS - 1)
    folded += FOLD + signature.slice(at, at + LINE_COLUMNS - 1)
  return `DKIM-Signature: ${head}${tail}${folded}\r\n`
}

/** Of mail from one program the names are the same each time. */
function nameList(joined: string): Folded {
  return knownLists.ensure(joined, () =>
    folded(fold(`${joined};`.split(/(?<=:)/), '', 'h='.length)),
  )
}

function folded(text: string): Folded {
  return { text, canonical: text.replaceAll(FOLD, ' ') }
}

/** Joins `pieces` with `separator` or a fold. `used` columns of the first line are taken. */
function fold(pieces: readonly string[], separator: string, used: number): string {
  let text = ''
  let column = used + 1
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && column + separator.length + piece.length > LINE_COLUMNS) {
      text += FOLD
      column = 1
    } else if (index > 0) {
      text += separator
      column += separator.length
    }
    text += piece
    column += piece.length
  }
  return text
}
