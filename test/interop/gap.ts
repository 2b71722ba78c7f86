// SPDX-License-Identifier: Apache-2.0
/** What a program does not speak, with evidence: its own papers, or somebody else's failure. Ours alone would show nothing. */
import { NotSpoken } from './matrix.ts'
import type { Unpacked } from './packages.ts'

export interface Gap {
  /** A file of its package, or what tells. */
  readonly evidence: string | ((unpacked: Unpacked) => string | Promise<string>)
  /** What the evidence would have. */
  readonly unless: RegExp
  /** For people. */
  readonly says: string
}

/** Throws `NotSpoken`, or that the evidence is another by now. */
export async function refuseGap(gap: Gap, unpacked: Unpacked): Promise<never> {
  const { evidence, unless, says } = gap
  const text = typeof evidence === 'string' ? unpacked.text(evidence) : await evidence(unpacked)
  if (text.trim() === '') throw new Error('there is no evidence that it does not speak this')
  if (unless.test(text)) throw new Error(`it was said: ${says}; by now there is ${unless.source}`)
  throw new NotSpoken(says)
}

/** Gaps that a paper shows: it does not name what it does not speak. */
export function gapsIn(
  evidence: Gap['evidence'],
  unless: Readonly<Record<string, RegExp>>,
): Readonly<Record<string, Gap>> {
  const name = typeof evidence === 'string' ? `/${evidence}` : 'its source'
  const entries = Object.entries(unless).map(([column, pattern]): [string, Gap] => [
    column,
    { evidence, unless: pattern, says: `${name} does not name it` },
  ])
  return Object.fromEntries(entries)
}
