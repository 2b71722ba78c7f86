// SPDX-License-Identifier: Apache-2.0
/**
 * Transcripts of SMTP sessions that people can read, and that are replayed. A file is about one subject; each dialog in it
 * keeps one promise:
 *
 *     # The promise, one sentence
 *     Why, for people; any line that is none of the others.
 *     - name: value             how the stage is set
 *     C: a line of the client   with CR LF; \r \n \0 \t \\ and \xHH are octets
 *     C> octets of the client   without a line end
 *     S: a line of the server   where it is ours, * stands for any text
 *     S> octets of the server
 *     C: (closes)               something else that is done, by the client, the server,
 *     (5m pass)                 or nobody
 *     = what came of it         in the words of the player
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export type Side = 'C' | 'S'

export type Step =
  | { readonly kind: 'says'; readonly by: Side; readonly octets: string; readonly line: number }
  | {
      readonly kind: 'does'
      readonly by: Side | null
      readonly what: string
      readonly line: number
    }

export interface Dialog {
  readonly promise: string
  /** Where it stands. */
  readonly file: string
  readonly settings: ReadonlyMap<string, string>
  readonly steps: readonly Step[]
  readonly outcomes: readonly string[]
}

const parts = {
  setting: /^- ([a-zA-Z0-9 ]+?)(?::(?: (.*))?)?$/,
  deed: /^(?:([CS]): )?\((.+)\)$/,
  words: /^([CS])([:>])(?: (.*))?$/,
  outcome: /^= (.+)$/,
} as const

/** By the name of the file without its end, in its order. */
export function transcripts(side: 'server' | 'client'): ReadonlyMap<string, readonly Dialog[]> {
  const files = globSync(join(import.meta.dirname, side, '*.txt')).sort()
  return new Map(
    files.map((file) => [
      basename(file, '.txt'),
      dialogsOf(`${side}/${basename(file)}`, readFileSync(file, 'utf8')),
    ]),
  )
}

export function dialogsOf(file: string, text: string): readonly Dialog[] {
  const dialogs: { promise: string; lines: [number, string][] }[] = []
  for (const [at, line] of text.split('\n').entries())
    if (line.startsWith('# ')) dialogs.push({ promise: line.slice(2), lines: [] })
    else dialogs.at(-1)?.lines.push([at + 1, line])
  return dialogs.map(({ promise, lines }) => dialogOf(file, promise, lines))
}

function dialogOf(
  file: string,
  promise: string,
  lines: readonly (readonly [number, string])[],
): Dialog {
  const settings = new Map<string, string>()
  const steps: Step[] = []
  const outcomes: string[] = []
  for (const [line, text] of lines) {
    const setting = parts.setting.exec(text)
    const deed = parts.deed.exec(text)
    const words = parts.words.exec(text)
    const outcome = parts.outcome.exec(text)
    if (setting !== null) settings.set(setting[1] ?? '', setting[2] ?? '')
    else if (deed !== null)
      steps.push({ kind: 'does', by: sideOf(deed[1]), what: deed[2] ?? '', line })
    else if (words !== null) {
      const end = words[2] === ':' ? '\r\n' : ''
      const octets = octetsOf(words[3] ?? '') + end
      steps.push({ kind: 'says', by: sideOf(words[1]) ?? 'C', octets, line })
    } else if (outcome !== null) outcomes.push(outcome[1] ?? '')
  }
  return { promise, file, settings, steps, outcomes }
}

function sideOf(letter: string | undefined): Side | null {
  return letter === 'C' || letter === 'S' ? letter : null
}

const escapes: Readonly<Record<string, string>> = {
  r: '\r',
  n: '\n',
  '0': '\0',
  t: '\t',
  '\\': '\\',
}

/** As Latin-1, what is over US-ASCII as the octets of UTF-8. */
function octetsOf(text: string): string {
  const plain = Buffer.from(text, 'utf8').toString('latin1')
  return plain.replaceAll(/\\(?:x([0-9A-Fa-f]{2})|(.))/g, (_, hex: string, letter: string) =>
    hex === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** A setting that is misspelt would set nothing. */
export function checkSettings({ file, settings }: Dialog, known: readonly string[]): void {
  for (const name of settings.keys())
    if (!known.includes(name) && !name.startsWith('limit '))
      throw new Error(`${file}: "- ${name}" is not known`)
}

/** Where the pattern has a star there may be any text. */
export function matches(text: string, pattern: string): boolean {
  const pieces = pattern.split('*').map((piece) => piece.replaceAll(/[.\\+?^${}()|[\]]/g, '\\$&'))
  return new RegExp(`^${pieces.join('.*')}$`, 's').test(text)
}

/** How octets come in: each way must make no difference. */
export type Split = (octets: string) => Iterable<string>

export const atOnce: Split = (octets) => (octets === '' ? [] : [octets])

export const octetByOctet: Split = (octets) => octets

/** Where a reader is most easily led astray. */
export const beforeEachLf: Split = (octets) => (octets === '' ? [] : octets.split(/(?=\n)/))

/** `fraction`: of chance, 0 to 1. */
export function atRandom(fraction: () => number): Split {
  return function* split(octets) {
    for (let at = 0, next = 0; at < octets.length; at = next) {
      next = at + 1 + Math.floor(fraction() * 9)
      yield octets.slice(at, next)
    }
  }
}
