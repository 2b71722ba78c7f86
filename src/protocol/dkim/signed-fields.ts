// SPDX-License-Identifier: Apache-2.0
/**
 * Which fields a signature covers, and how often it names each. RFC 6376 §5.4.1 says what to sign, §8.15 why a field is named
 * once more than it is there: nobody can add another one without breaking the signature.
 */
import type { HeaderField } from '../message/header-section.ts'

/**
 * In the order of `h=`. `true`: named even where absent, for adding one would change what the reader sees or does. `false`:
 * only where present (and then once more), for lists and gateways on the way add it in good faith.
 */
const signedNames: ReadonlyMap<string, boolean> = new Map([
  ['from', true],
  ['sender', false],
  ['reply-to', true],
  ['subject', true],
  ['date', true],
  ['message-id', true],
  ['to', true],
  ['cc', true],
  ['mime-version', true],
  ['content-type', true],
  ['content-transfer-encoding', true],
  ['in-reply-to', false],
  ['references', false],
  ['list-id', false],
  ['list-unsubscribe', true],
  ['list-unsubscribe-post', true],
  ['feedback-id', false],
])

export interface SignedFields {
  /** As `h=` lists them: one name for each field in `fields`, and one more of each. */
  readonly names: readonly string[]
  /** In the same order; of one name from the last to the first (RFC 6376 §5.4.2). */
  readonly fields: readonly HeaderField[]
}

export function selectSignedFields(header: readonly HeaderField[]): SignedFields {
  const byName = new Map<string, HeaderField[]>()
  for (let at = header.length - 1; at >= 0; at--) {
    const field = header[at]
    if (field === undefined || !signedNames.has(field.name)) continue
    const others = byName.get(field.name)
    if (others) others.push(field)
    else byName.set(field.name, [field])
  }
  const names: string[] = []
  const fields: HeaderField[] = []
  for (const [name, isAlwaysNamed] of signedNames) {
    const present = byName.get(name)
    for (const field of present ?? []) {
      names.push(name)
      fields.push(field)
    }
    if (present || isAlwaysNamed) names.push(name)
  }
  return { names, fields }
}
