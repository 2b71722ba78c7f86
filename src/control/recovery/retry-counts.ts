// SPDX-License-Identifier: Apache-2.0
/** What became of recipients whose mail was to be sent again. */
import { retryLimits } from '../../base/limits/retry-limits.ts'

export interface RetryCounts {
  /** In new messages, or would be. */
  readonly sent: number
  /** The list of their tenant keeps the mail from them. */
  readonly suppressed: number
  /** It was sent to them again before. */
  readonly already: number
  /** Nothing of the content is kept. */
  readonly gone: number
  /** By the gate, since their stream is no more, or since it came from the null reverse-path. */
  readonly refused: number
  /** A quota, memory or the disk does not let it in now; may be asked for again. */
  readonly later: number
  /** Why some were refused or put off, in the words of the replies. */
  readonly reasons: readonly string[]
}

type Kind = Exclude<keyof RetryCounts, 'reasons'>

export const noRetries: RetryCounts = {
  ...{ sent: 0, suppressed: 0, already: 0, gone: 0, refused: 0, later: 0 },
  reasons: [],
}

export function sumOfRetries(all: readonly RetryCounts[]): RetryCounts {
  const sum = new RetryCount()
  for (const one of all) sum.addAll(one)
  return sum.counts()
}

/** Of all that was counted. */
export function recipientsIn(counts: RetryCounts): number {
  const { already, gone, later, refused, sent, suppressed } = counts
  return already + gone + later + refused + sent + suppressed
}

export class RetryCount {
  readonly #numbers: Record<Kind, number> = {
    ...{ sent: 0, suppressed: 0, already: 0, gone: 0, refused: 0, later: 0 },
  }
  readonly #reasons = new Set<string>()

  add(kind: Kind, recipients = 1): void {
    this.#numbers[kind] += recipients
  }

  refuse(recipients: number, why: string): void {
    this.add('refused', recipients)
    this.#note(why)
  }

  putOff(recipients: number, why: string): void {
    this.add('later', recipients)
    this.#note(why)
  }

  addAll({ reasons, ...numbers }: RetryCounts): void {
    for (const kind of Object.keys(numbers) as Kind[]) this.add(kind, numbers[kind])
    for (const why of reasons) this.#note(why)
  }

  counts(): RetryCounts {
    return { ...this.#numbers, reasons: [...this.#reasons] }
  }

  #note(why: string): void {
    if (this.#reasons.size < retryLimits.reasons) this.#reasons.add(why)
  }
}
