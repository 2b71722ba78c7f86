// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run score`: what the rules make of real replies and reports, every miss, and the same for a provider whose
 * replies nobody saw; and whom reports are found to be about.
 */
import type { Classification, Classifier } from '../../src/protocol/classify/classifier.ts'
import { classify } from '../../src/protocol/classify/classify.ts'
import { replyInText } from '../../src/protocol/classify/reply-in-text.ts'
import { shippedRules } from '../../src/protocol/classify/rules/shipped-rules.ts'
import { programOptions } from '../support/program-options.ts'
import { bounceVerdicts } from './bounces.ts'
import { HeldOut } from './held-out.ts'
import { feedbackReadings, isRight, type Reading, recipientReadings } from './reports.ts'
import { type Decision, replySamples, type Sample, zoneDecisions } from './samples.ts'
import { writeScores } from './score-page.ts'
import { byClass, judge, missesOf, percent, scoreOf, type Verdict } from './verdicts.ts'

const values = programOptions(
  `Usage: npm run score -- [options]
  --write               the figures into docs/classification.md`,
  { write: { type: 'boolean', default: false } },
)
const samples = replySamples()
const decisions = zoneDecisions()
const bounces = bounceVerdicts()
const recipients = recipientReadings()
const feedback = feedbackReadings()
if (samples === null || decisions === null || bounces === null) process.exit(0)
if (recipients === null || feedback === null) process.exit(0)

const rules = new HeldOut(shippedRules, samples)
const parts: readonly (readonly [title: string, readonly Verdict[]])[] = [
  ['Replies', judge(samples, (refusal) => classify(refusal))],
  ['Bounces', bounces],
  ['Replies, held out by provider', heldOut(samples, (group) => rules.without(group))],
  [
    "Replies, held out by provider, providers' own codes kept",
    heldOut(samples, (group) => rules.withoutWords(group)),
  ],
]
const readings: readonly (readonly [title: string, readonly Reading[]])[] = [
  ['Bounces, all recipients and no others', recipients],
  ['Feedback reports, kind', feedback.kinds],
  ['Feedback reports, recipients of those that name some', feedback.recipients],
]
for (const [title, verdicts] of parts) show(title, verdicts)
for (const [title, all] of readings) showReadings(title, all)
showZone(decisions)
if (values.write)
  writeScores(
    parts.map(([title, verdicts]) => [title, scoreOf(verdicts)]),
    readings.map(([title, all]) => [title, all.filter(isRight).length, all.length]),
  )

function show(title: string, verdicts: readonly Verdict[]): void {
  const { right, of, harmful, mustNotSuppress } = scoreOf(verdicts)
  console.log(`\n${title}`)
  console.log(`  coarse class right: ${right} of ${of} (${percent(right, of)})`)
  console.log(`  suppressed that must not be: ${harmful} of ${mustNotSuppress}`)
  for (const line of byClass(verdicts)) console.log(line)
  for (const line of missesOf(verdicts)) console.log(line)
}

function showReadings(title: string, all: readonly Reading[]): void {
  const right = all.filter(isRight).length
  console.log(
    `\n${title}\n  exactly right: ${right} of ${all.length} (${percent(right, all.length)})`,
  )
  for (const { file, right, said } of all.filter((reading) => !isRight(reading)))
    console.log(`  ${file}\n    ${right}, not ${said}`)
}

function heldOut(
  all: readonly Sample[],
  classifierWithout: (group: string) => Classifier,
): readonly Verdict[] {
  const groups = Map.groupBy(all, ({ group }) => group)
  return [...groups].flatMap(([group, own]) => {
    const classifier = classifierWithout(group)
    return judge(own, (refusal) => classifier.classify(refusal))
  })
}

/** Its `defer` is anything but the end of the message; who is to blame is shown, not scored. */
function showZone(all: readonly Decision[]): void {
  const read = all.map((decision) => ({ decision, said: classify(replyInText(decision.text)) }))
  const isDecided = ({ decision, said }: { decision: Decision; said: Classification }) =>
    said.isPermanent === (decision.action === 'reject')
  console.log(
    `\nZoneMTA's rules: defer or reject right ${read.filter(isDecided).length} of ${all.length}`,
  )
  for (const [category, of] of Map.groupBy(read, ({ decision }) => decision.category)) {
    const faults = Map.groupBy(of, ({ said }) => `${said.fault}: ${said.action}`)
    const shown = [...faults].map(([name, those]) => `${name} ${those.length}`).join(', ')
    console.log(
      `  ${category.padEnd(10)} ${of.filter(isDecided).length} of ${of.length} (${shown})`,
    )
  }
  for (const { decision, said } of read.filter((one) => !isDecided(one)))
    console.log(`  ${decision.action}, not ${said.class} (${said.rule})\n    ${decision.text}`)
}
