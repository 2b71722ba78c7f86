// SPDX-License-Identifier: Apache-2.0
/** The dialog of one transaction, for `trace` and DSNs: lines with `C: ` and `S: `, never content. */
import { formatReply, type Reply } from '../protocol/reply.ts'

/** Bounded by its owner: a few lines for each recipient of a transaction. */
export class Conversation {
  readonly #lines: string[]

  constructor(before: readonly string[] = []) {
    this.#lines = [...before]
  }

  client(line: string): void {
    this.#lines.push(`C: ${line}`)
  }

  content(octets: number): void {
    this.#lines.push(`C: (${octets} octets)`)
  }

  server(answer: Reply): void {
    this.#lines.push(`S: ${formatReply(answer)}`)
  }

  note(text: string): void {
    this.#lines.push(`(${text})`)
  }

  /** At most `limit` lines: beginning and end, and between them how many are left out. */
  lines(limit: number): readonly string[] {
    const count = this.#lines.length
    if (count <= limit) return this.#lines
    const head = Math.floor(limit / 2)
    const tail = limit - head - 1
    return [
      ...this.#lines.slice(0, head),
      `(${count - head - tail} lines left out)`,
      ...this.#lines.slice(count - tail),
    ]
  }
}

/** A reply whose text is cut to what events and DSNs keep. */
export function keptReply(answer: Reply, limit: number): Reply {
  if (answer.text.length <= limit) return answer
  return { ...answer, text: `${answer.text.slice(0, limit - 1)}…` }
}
