// SPDX-License-Identifier: Apache-2.0
/** `npm run score`: what the rules make of real replies, every miss, and the same for a provider whose replies nobody saw. */
import type { Classification } from '../../src/protocol/classify/classifier.ts'
import { classify } from '../../src/protocol/classify/classify.ts'
import { replyInText } from '../../src/protocol/classify/reply-in-text.ts'
import { shippedRules } from '../../src/protocol/classify/rules/shipped-rules.ts'
import { HeldOut } from './held-out.ts'
import { type Decision, replySamples, type Sample, zoneDecisions } from './samples.ts'
import { byClass, judge, missesOf, percent, scoreOf, type Verdict } from './verdicts.ts'

const samples = replySamples()
const decisions = zoneDecisions()
if (samples === null || decisions === null) process.exit(0)

show(
  'Replies',
  judge(samples, (refusal) => classify(refusal)),
)
show('Replies, each by rules that its provider did not teach', heldOut(samples))
showZone(decisions)

function show(title: string, verdicts: readonly Verdict[]): void {
  const { right, of, harmful, mustNotSuppress } = scoreOf(verdicts)
  console.log(`\n${title}`)
  console.log(`  coarse class right: ${right} of ${of} (${percent(right, of)})`)
  console.log(`  suppressed that must not be: ${harmful} of ${mustNotSuppress}`)
  for (const line of byClass(verdicts)) console.log(line)
  for (const line of missesOf(verdicts)) console.log(line)
}

function heldOut(all: readonly Sample[]): readonly Verdict[] {
  const rules = new HeldOut(shippedRules, all)
  const groups = Map.groupBy(all, ({ group }) => group)
  return [...groups].flatMap(([group, own]) => {
    const classifier = rules.without(group)
    return judge(own, (refusal) => classifier.classify(refusal))
  })
}

/** Its `defer` is anything but the end of the message; who is to blame is shown, not scored. */
function showZone(all: readonly Decision[]): void {
  const read = all.map((decision) => ({ decision, said: classify(replyInText(decision.text)) }))
  const isRight = ({ decision, said }: { decision: Decision; said: Classification }) =>
    said.isPermanent === (decision.action === 'reject')
  const right = read.filter(isRight).length
  console.log(`\nZoneMTA's rules: defer or reject right ${right} of ${all.length}`)
  for (const [category, of] of Map.groupBy(read, ({ decision }) => decision.category)) {
    const faults = Map.groupBy(of, ({ said }) => `${said.fault}: ${said.action}`)
    const shown = [...faults].map(([name, those]) => `${name} ${those.length}`).join(', ')
    console.log(`  ${category.padEnd(10)} ${of.filter(isRight).length} of ${of.length} (${shown})`)
  }
  for (const { decision, said } of read.filter((one) => !isRight(one)))
    console.log(`  ${decision.action}, not ${said.class} (${said.rule})\n    ${decision.text}`)
}
