// SPDX-License-Identifier: Apache-2.0
/** What the providers' side has done, a line of JSON each, in a file of its own: the only thing that the count believes. */
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs'

export interface LedgerLine {
  readonly provider: string
  readonly recipient: string
  readonly what:
    | 'took'
    | 'greylisted'
    | 'throttled'
    | 'refused'
    | 'bounced'
    | 'complained'
    | 'unsubscribed'
    | 'answered'
  /** Of who refused or bounced: whether there is nobody there to write to. */
  readonly isGone?: boolean
}

export class Ledger {
  readonly file: string
  readonly #stream: WriteStream
  #lines = 0

  constructor(file: string) {
    this.file = file
    this.#stream = createWriteStream(file)
  }

  get lines(): number {
    return this.#lines
  }

  write(line: LedgerLine): void {
    this.#lines++
    this.#stream.write(`${JSON.stringify(line)}\n`)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(resolve))
  }
}

export function readLedger(file: string): readonly LedgerLine[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LedgerLine)
}
