// SPDX-License-Identifier: Apache-2.0
/** How a classifier does on samples, and the pages that say so. */
import type { Classification, Refusal } from '../../src/protocol/classify/classifier.ts'
import { replyInText } from '../../src/protocol/classify/reply-in-text.ts'
import type { Sample } from './samples.ts'

export interface Verdict {
  readonly sample: Sample
  readonly said: Classification
  readonly isRight: boolean
  /** It would suppress somebody who must not be. */
  readonly isHarmful: boolean
}

export function judge(
  samples: readonly Sample[],
  classify: (refusal: Refusal, sample: Sample) => Classification,
): readonly Verdict[] {
  return samples.map((sample) => {
    const said = classify(replyInText(sample.text), sample)
    return {
      sample,
      said,
      isRight: sample.right.includes(said.coarse),
      isHarmful: sample.mustNotSuppress && said.action === 'suppress',
    }
  })
}

export interface Score {
  readonly right: number
  readonly of: number
  readonly harmful: number
  readonly mustNotSuppress: number
}

export function scoreOf(verdicts: readonly Verdict[]): Score {
  return {
    right: verdicts.filter(({ isRight }) => isRight).length,
    of: verdicts.length,
    harmful: verdicts.filter(({ isHarmful }) => isHarmful).length,
    mustNotSuppress: verdicts.filter(({ sample }) => sample.mustNotSuppress).length,
  }
}

export function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
}

const SHOWN_CHARACTERS = 160

/** Every wrong one, with what decided. */
export function missesOf(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts
    .filter(({ isRight, isHarmful }) => !isRight || isHarmful)
    .map(({ sample, said, isHarmful }) => {
      const harm = isHarmful ? ' SUPPRESSES' : ''
      const text = sample.text.slice(0, SHOWN_CHARACTERS)
      return `  ${sample.name} (${sample.group}): ${sample.right.join('|')}, not ${said.coarse} (${said.class}, ${said.rule})${harm}\n    ${text}`
    })
}

/** Rows `truth: right of all` by the first right class. */
export function byClass(verdicts: readonly Verdict[]): readonly string[] {
  const groups = Map.groupBy(verdicts, ({ sample }) => sample.right[0] ?? 'other')
  return [...groups].map(([name, of]) => {
    const right = of.filter(({ isRight }) => isRight).length
    return `  ${name.padEnd(22)} ${String(right).padStart(4)} of ${String(of.length).padStart(4)}`
  })
}
