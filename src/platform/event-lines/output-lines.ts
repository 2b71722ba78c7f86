// SPDX-License-Identifier: Apache-2.0
/** Lines on standard output; whoever reads them slowly makes their writer wait. */
import { once } from 'node:events'
import type { LineSink } from './event-lines.ts'

export class OutputLines implements LineSink {
  readonly #output: NodeJS.WritableStream

  constructor(output: NodeJS.WritableStream) {
    this.#output = output
  }

  async write(lines: string): Promise<void> {
    if (!this.#output.write(lines)) await once(this.#output, 'drain')
  }
}
