// SPDX-License-Identifier: Apache-2.0
/**
 * Transcripts of sessions that people can read. `C: ` is a line of the client, `C> ` octets of it without a line end,
 * `S: ` a line of the server (`*` stands for whatever ends it); in what the client says `\r`, `\n` and `\0` are
 * octets. `# ` begins another transcript and names it.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Transcript {
  readonly name: string
  readonly turns: readonly Turn[]
}

/** What the client says at once, and what it hears then. */
export interface Turn {
  readonly said: string
  readonly heard: readonly string[]
}

export function readTranscripts(folder: string, file: string): readonly Transcript[] {
  const path = fileURLToPath(new URL(`../fixtures/${folder}/${file}`, import.meta.url))
  const text = readFileSync(path, 'utf8')
  return text
    .split(/^# /m)
    .filter((part) => part.trim() !== '')
    .map(parseTranscript)
}

function parseTranscript(text: string): Transcript {
  const [name = '', ...lines] = text.split('\n')
  const turns: { said: string; heard: string[] }[] = [{ said: '', heard: [] }]
  for (const line of lines) {
    if (line === '') continue
    let turn = turns.at(-1)
    if (line.startsWith('S: ')) turn?.heard.push(line.slice(3))
    else {
      if (turn === undefined || turn.heard.length > 0) {
        turn = { said: '', heard: [] }
        turns.push(turn)
      }
      turn.said += octetsOf(line.slice(3)) + (line.startsWith('C: ') ? '\r\n' : '')
    }
  }
  return { name, turns }
}

function octetsOf(text: string): string {
  return text.replaceAll('\\r', '\r').replaceAll('\\n', '\n').replaceAll('\\0', '\0')
}
