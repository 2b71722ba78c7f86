// SPDX-License-Identifier: Apache-2.0
/**
 * Header fields of mail that others wrote, however badly: of what is no field nothing is made. For reading reports;
 * what is to be signed is read by `header-section.ts`, which accepts no doubt.
 */
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import { decodeText } from './charset.ts'
import { decodeEncodedWords } from './encoded-words.ts'

/** A line that begins a field, RFC 5322 §2.2; with the space before the colon of §4.5. */
const FIELD = /^([!-9;-~]{1,100})[ \t]*:/

export class LooseFields {
  readonly #values = new Map<string, string[]>()

  /** Unfolded, as it was written, one character an octet; of several the first. `name` in lower case. */
  first(name: string): string | null {
    return this.#values.get(name)?.[0] ?? null
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** As people read it; empty where there is none. */
  text(name: string): string {
    const value = this.first(name)
    if (value === null) return ''
    const decoded = decodeText(Buffer.from(value, 'latin1'), null)
    return decodeEncodedWords(decoded, reportLimits.fieldCharacters)
  }

  get names(): Iterable<string> {
    return this.#values.keys()
  }

  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  add(name: string, value: string): void {
    const values = this.#values.get(name)
    if (values === undefined) this.#values.set(name, [value])
    else values.push(value)
  }
}

/** `section`: lines that end in LF, one character an octet. What is beyond the bounds is not read. */
export function readFields(section: string): LooseFields {
  const fields = new LooseFields()
  let name: string | null = null
  let value = ''
  let count = 0
  for (const line of section.slice(0, reportLimits.headerCharacters).split('\n')) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (value.length < reportLimits.fieldCharacters) value += ` ${line.trim()}`
      continue
    }
    if (name !== null) fields.add(name, value.trim())
    const start = FIELD.exec(line)
    name = start?.[1]?.toLowerCase() ?? null
    value = start === null ? '' : line.slice(start[0].length, reportLimits.fieldCharacters)
    if (name !== null && ++count > reportLimits.fields) return fields
  }
  if (name !== null) fields.add(name, value.trim())
  return fields
}

/**
 * Where the header section ends and the body begins. A text that begins with no field is a body alone. The line of a mailbox
 * file (`From `) before the fields is none of them.
 */
export function splitHeader(text: string): { readonly header: string; readonly body: string } {
  let start = 0
  while (text.startsWith('\n', start)) start++
  const first = text.slice(start, start + 200)
  if (!FIELD.test(first) && !/^>?From /.test(first)) return { header: '', body: text }
  const end = text.indexOf('\n\n', start)
  return end === -1
    ? { header: text.slice(start), body: '' }
    : { header: text.slice(start, end), body: text.slice(end + 2) }
}
