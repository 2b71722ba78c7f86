// SPDX-License-Identifier: Apache-2.0
/** Takes mailboxes out of a text, so that `<full@spam.example>` says nothing about a quota or spam. */
import { READ_CHARACTERS } from './folded-text.ts'

/** Longer than RFC 5321 §4.5.3.1 allows on either side. */
const SIDE_CHARACTERS = 256

const isDelimiter = new Uint8Array(128)
for (const character of ' \t\r\n<>()[]{},;:"\'`|') isDelimiter[character.charCodeAt(0)] = 1

/** At most the first `READ_CHARACTERS`; linear in them. */
export function withoutAddresses(whole: string): string {
  const text = whole.length > READ_CHARACTERS ? whole.slice(0, READ_CHARACTERS) : whole
  let at = text.indexOf('@')
  if (at === -1) return text
  let kept = ''
  let from = 0
  while (at !== -1) {
    kept += text.slice(from, Math.max(from, startOf(text, at)))
    from = Math.max(from, endOf(text, at))
    at = text.indexOf('@', from)
  }
  return kept + text.slice(from)
}

function startOf(text: string, at: number): number {
  let start = at
  while (start > 0 && at - start < SIDE_CHARACTERS && !delimits(text, start - 1)) start--
  return start
}

function endOf(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && end - at < SIDE_CHARACTERS && !delimits(text, end)) end++
  return end
}

function delimits(text: string, at: number): boolean {
  return isDelimiter[text.charCodeAt(at)] === 1
}
