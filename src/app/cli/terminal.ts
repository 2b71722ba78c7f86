// SPDX-License-Identifier: Apache-2.0
/**
 * What a person or a script reads: results on standard output, everything else on standard error. Colours only
 * on a terminal, and not where NO_COLOR is set. With `--json` a result is one JSON value on one line.
 */
import { once } from 'node:events'
import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Where a terminal writes; `process.stdout` is one. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean
}

export class Terminal {
  readonly isJson: boolean
  readonly #output: Output
  readonly #errors: Output

  constructor(output: Output, errors: Output, isJson: boolean) {
    this.#output = output
    this.#errors = errors
    this.isJson = isJson
  }

  /** Whether a person looks on, so that progress may be drawn over. */
  get isInteractive(): boolean {
    return !this.isJson && this.#output.isTTY === true
  }

  /** A result: `value` with `--json`, else what `text` gives. */
  result(value: unknown, text: (terminal: Terminal) => string): void {
    this.line(this.isJson ? JSON.stringify(value) : text(this))
  }

  /** On standard output, as it is. */
  line(text: string): void {
    this.#output.write(text.endsWith('\n') ? text : `${text}\n`)
  }

  /** On standard output, once whoever reads it keeps up. */
  async written(text: string): Promise<void> {
    if (!this.#output.write(`${text}\n`)) await once(this.#output, 'drain')
  }

  /** On standard error, as it is. */
  note(text: string): void {
    this.#errors.write(`${text}\n`)
  }

  /** Over what was drawn before on standard error; where nobody looks on, nothing. */
  draw(text: string): void {
    if (!this.isJson && this.#errors.isTTY === true) this.#errors.write(`\r\u001b[K${text}`)
  }

  /** For text on standard output. */
  styled(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#output })
  }

  /** For text on standard error. */
  styledNote(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#errors })
  }
}
