// SPDX-License-Identifier: Apache-2.0
/**
 * Which fields a signature covers, and how often it names each. RFC 6376 §5.4.1 says what to sign, §8.15 why a field is named
 * once more than it is there: nobody can add another one without breaking the signature.
 */
import type { HeaderField } from '../message/header-section.ts'

interface SignedName {
  readonly name: string
  /**
   * Named even where absent, for adding one would change what the reader sees or does; else only where present (and then once
   * more), for lists and gateways on the way add it in good faith.
   */
  readonly isAlways: boolean
}

/** In the order of `h=`. */
const signedNames: readonly SignedName[] = [
  { name: 'from', isAlways: true },
  { name: 'sender', isAlways: false },
  { name: 'reply-to', isAlways: true },
  { name: 'subject', isAlways: true },
  { name: 'date', isAlways: true },
  { name: 'message-id', isAlways: true },
  { name: 'to', isAlways: true },
  { name: 'cc', isAlways: true },
  { name: 'mime-version', isAlways: true },
  { name: 'content-type', isAlways: true },
  { name: 'content-transfer-encoding', isAlways: true },
  { name: 'in-reply-to', isAlways: false },
  { name: 'references', isAlways: false },
  { name: 'list-id', isAlways: false },
  { name: 'list-unsubscribe', isAlways: true },
  { name: 'list-unsubscribe-post', isAlways: true },
  { name: 'feedback-id', isAlways: false },
]
const places: ReadonlyMap<string, number> = new Map(
  signedNames.map(({ name }, place) => [name, place]),
)

export interface SignedFields {
  /** As `h=` lists them: one name for each field in `fields`, and one more of each. */
  readonly names: readonly string[]
  /** In the same order; of one name from the last to the first (RFC 6376 §5.4.2). */
  readonly fields: readonly HeaderField[]
}

export function selectSignedFields(header: readonly HeaderField[]): SignedFields {
  const found: HeaderField[][] = []
  for (let at = header.length - 1; at >= 0; at--) {
    const field = header[at] as HeaderField
    const place = places.get(field.name)
    if (place === undefined) continue
    const others = found[place]
    if (others) others.push(field)
    else found[place] = [field]
  }
  const names: string[] = []
  const fields: HeaderField[] = []
  for (let place = 0; place < signedNames.length; place++) {
    const { name, isAlways } = signedNames[place] as SignedName
    const present = found[place]
    if (present || isAlways) names.push(name)
    for (const field of present ?? []) {
      names.push(name)
      fields.push(field)
    }
  }
  return { names, fields }
}
