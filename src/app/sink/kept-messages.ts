// SPDX-License-Identifier: Apache-2.0
/** Accepted content as files that a person can read: `000001.eml`, with the envelope in two fields at the top. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sinkLimits } from '../../base/limits/limits.ts'
import type { SinkMessage } from './sink-context.ts'

export class KeptMessages {
  readonly #directory: string
  readonly #limit: number
  #count = 0

  private constructor(directory: string, limit: number) {
    this.#directory = directory
    this.#limit = limit
  }

  /** Makes the directory where it is not there. */
  static async open(
    directory: string,
    limit: number = sinkLimits.keptMessages,
  ): Promise<KeptMessages> {
    await mkdir(directory, { recursive: true })
    return new KeptMessages(directory, limit)
  }

  /** `false` where there are as many files as there may be. Overwrites the files of an earlier run. */
  async keep(message: SinkMessage): Promise<boolean> {
    if (this.#count >= this.#limit) return false
    this.#count++
    const name = `${String(this.#count).padStart(6, '0')}.eml`
    const envelope =
      `Return-Path: <${message.reversePath}>\r\n` +
      message.recipients.map((recipient) => `Delivered-To: ${recipient}\r\n`).join('')
    await writeFile(join(this.#directory, name), [envelope, message.content])
    return true
  }
}
