// SPDX-License-Identifier: Apache-2.0
/** Lines of standard input, however they end and however long they are. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/**
 * Each line without its end, cut after `maxCharacters`; what follows on it is not kept. An empty line is one too. Octets
 * that are no UTF-8 become U+FFFD.
 */
export async function* inputLines(input: Readable, maxCharacters: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let begun = ''
  let hasBegun = false
  for await (const chunk of input) {
    const lines = decoder.write(chunk).split('\n')
    for (const [at, piece] of lines.entries()) {
      if (at > 0) {
        yield withoutReturn(begun)
        begun = ''
        hasBegun = false
      }
      // One more than is kept, so that a CR at the very end is seen as such.
      begun = (begun + piece).slice(0, maxCharacters + 1)
      hasBegun ||= piece !== ''
    }
  }
  if (hasBegun) yield withoutReturn(begun)

  function withoutReturn(line: string): string {
    return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, maxCharacters)
  }
}
