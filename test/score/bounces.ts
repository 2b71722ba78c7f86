// SPDX-License-Identifier: Apache-2.0
/** The bounce mails of `../shared/corpora` with a truth: what the report says of that recipient, classified. */
import { readFileSync } from 'node:fs'
import type { Classification } from '../../src/protocol/classify/classifier.ts'
import { classifyReported } from '../../src/protocol/classify/classify-reported.ts'
import type { CoarseClass } from '../../src/protocol/classify/failure-class.ts'
import { readReport } from '../../src/protocol/report/read-report.ts'
import { corpus } from '../support/corpus.ts'
import { rowsOf } from './samples.ts'
import type { Verdict } from './verdicts.ts'

/** `../shared/corpora/README.md`: reasons to coarse classes. */
const groups: readonly (readonly [reasons: string, right: readonly CoarseClass[]])[] = [
  ['userunknown filtered hasmoved', ['invalid_recipient']],
  ['notaccept', ['invalid_recipient', 'bad_domain']],
  ['hostunknown', ['bad_domain']],
  ['suspend', ['inactive']],
  ['mailboxfull', ['quota']],
  ['mesgtoobig exceedlimit', ['size']],
  ['toomanyconn speeding ratelimited', ['throttle']],
  [
    'blocked spamdetected rejected badreputation norelaying policyviolation requireptr authfailure securityerror virusdetected contenterror notcompliantrfc failedstarttls',
    ['policy_or_reputation'],
  ],
  [
    'networkerror expired systemerror systemfull mailererror syntaxerror delivered vacation feedback onhold undefined',
    ['transient_or_network', 'other'],
  ],
]
const rightFor = new Map(
  groups.flatMap(([reasons, right]) =>
    reasons.split(' ').map((reason) => [reason, right] as const),
  ),
)
const suppressing: readonly CoarseClass[] = ['invalid_recipient', 'bad_domain', 'inactive']

/** No failure, or no report: nothing follows for anybody. */
const nothing: Classification = {
  class: 'unknown',
  coarse: 'other',
  fault: 'message',
  isPermanent: false,
  action: 'retry',
  rule: 'no failure reported',
}

/** `null` where there is no corpus. */
export function bounceVerdicts(): readonly Verdict[] | null {
  const folder = corpus('bounces')
  if (folder === null) return null
  return rowsOf(`${folder}/sisimai.expected.tsv`).map((row) => {
    const file = row['file'] ?? ''
    const right = rightFor.get(row['reason'] ?? '') ?? ['other']
    const { kind, recipients } = readReport(readFileSync(`${folder}/sisimai/${file}`))
    const recipient = recipients[Number(row['index']) - 1]
    const isFailure = kind === 'bounce' || kind === 'delayed'
    const said = (isFailure && recipient && classifyReported(recipient)) || nothing
    const sample = {
      name: `${file} ${row['index']}`,
      group: `${row['reason']}, ${kind}`,
      text: recipient?.text ?? '(no recipient was found)',
      right,
      mustNotSuppress: !right.some((name) => suppressing.includes(name)),
    }
    return {
      sample,
      said,
      isRight: right.includes(said.coarse),
      isHarmful: sample.mustNotSuppress && said.action === 'suppress',
    }
  })
}
