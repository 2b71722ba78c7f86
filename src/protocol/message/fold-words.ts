// SPDX-License-Identifier: Apache-2.0
/** Text that somebody else chose, made fit for lines that we write: no controls, no long lines. RFC 5322 §2.1.1. */

const COLUMNS = 72

/**
 * Lines of at most 72 characters, broken at spaces, and inside a word only where it is longer than that. Control characters
 * become spaces; without `utf8` other characters beyond ASCII become `?`. At least one line.
 */
export function foldWords(text: string, utf8: boolean): string[] {
  const plain = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
  const spelled = utf8 ? plain.toWellFormed() : plain.replaceAll(/[^\x20-\x7e]/gu, '?')
  const lines: string[] = []
  let line = ''
  for (const word of spelled.split(' ')) {
    if (word === '') continue
    if (line !== '' && line.length + 1 + word.length > COLUMNS) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    for (; line.length > COLUMNS; line = line.slice(COLUMNS)) lines.push(line.slice(0, COLUMNS))
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines
}
