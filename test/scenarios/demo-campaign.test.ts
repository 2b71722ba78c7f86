// SPDX-License-Identifier: Apache-2.0
/** A campaign of which much comes back ends in the right suppressions, timelines and numbers, by a count that knows the providers' side alone. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CampaignSummary } from '../../demo/campaign/campaign.ts'
import { countOf, isRight, type RelayFacts } from '../../demo/campaign/count.ts'
import type { LedgerLine } from '../../demo/campaign/ledger.ts'

const main = fileURLToPath(new URL('../../demo/main.ts', import.meta.url))

test('Every bounce, complaint and wish of a campaign is where it belongs', async () => {
  const args = [main, '--campaign', '--json', '--messages', '500']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  const { rows, ...summary }: CampaignSummary = JSON.parse(
    stdout.trimEnd().split('\n').at(-1) ?? '',
  )
  assert.equal(summary.isRight, true, stderr)
  const inLedger = (what: string) => rows.find((row) => row.what === what)?.ledger ?? 0
  assert.equal(inLedger('timelines: delivered') + inLedger('timelines: bounced at once'), 500)
  for (const what of ['bounced later', 'complained', 'unsubscribed', 'automatic replies'])
    assert.ok(inLedger(`timelines: ${what}`) > 0, what)
  for (const reason of ['bounce', 'complaint', 'unsubscribe'])
    assert.ok(inLedger(`suppressions: ${reason}`) > 0, reason)
  for (const signal of ['deferred', 'refused', 'bounced', 'returned', 'complained'])
    assert.ok(inLedger(`warm-up at google: ${signal}`) > 0, signal)
})

const ledger: readonly LedgerLine[] = [
  { provider: 'google', recipient: 'a@x.example', what: 'greylisted' },
  { provider: 'google', recipient: 'a@x.example', what: 'took' },
  { provider: 'google', recipient: 'a@x.example', what: 'bounced', isGone: true },
  { provider: 'google', recipient: 'a@x.example', what: 'bounced', isGone: true },
  { provider: 'google', recipient: 'b@x.example', what: 'refused', isGone: false },
]
const numbers = { delivered: 1, bounced: 1, reported: 1, complained: 0, unsubscribed: 0 }
const signals = {
  ...{ sent: 3, delivered: 1, deferred: 0, refused: 1, bounced: 0, returned: 1, complained: 0 },
}
const right: RelayFacts = {
  timelines: new Map([
    ['delivered', ['a@x.example']],
    ['bounced later', ['a@x.example']],
    ['bounced at once', ['b@x.example']],
  ]),
  suppressions: ['bounce a@x.example'],
  rates: new Map([['google', numbers]]),
  warmUps: new Map([['google', signals]]),
}

/** Each of these is wrong in one place. */
const wrong: Readonly<Record<string, RelayFacts>> = {
  'a timeline without its bounce': {
    ...right,
    timelines: new Map([...right.timelines, ['bounced later', []]]),
  },
  'a report that was told twice': {
    ...right,
    timelines: new Map([...right.timelines, ['bounced later', ['a@x.example', 'a@x.example']]]),
  },
  'a bounce of somebody else': {
    ...right,
    timelines: new Map([...right.timelines, ['bounced later', ['b@x.example']]]),
  },
  'mail that expired': {
    ...right,
    timelines: new Map([...right.timelines, ['expired', ['a@x.example']]]),
  },
  'a suppression that is missing': { ...right, suppressions: [] },
  'a suppression for a filter': {
    ...right,
    suppressions: [...right.suppressions, 'bounce b@x.example'],
  },
  'a suppression for another reason': {
    ...right,
    suppressions: [...right.suppressions, 'manual b@x.example'],
  },
  'a number that is one off': {
    ...right,
    rates: new Map([['google', { ...numbers, reported: 2 }]]),
  },
  'numbers of a provider who did nothing': {
    ...right,
    rates: new Map([...right.rates, ['yahoo', numbers]]),
  },
  'a warm-up that missed a late bounce': {
    ...right,
    warmUps: new Map([['google', { ...signals, returned: 0 }]]),
  },
  'a warm-up that takes greylisting for a deferral': {
    ...right,
    warmUps: new Map([['google', { ...signals, deferred: 1 }]]),
  },
  'a warm-up that takes a late bounce for an answer': {
    ...right,
    warmUps: new Map([['google', { ...signals, sent: 4, bounced: 1 }]]),
  },
}

test('The count sees each thing that is wrong, and nothing in what is right', () => {
  assert.ok(isRight(countOf(ledger, right)))
  for (const [what, facts] of Object.entries(wrong))
    assert.equal(isRight(countOf(ledger, facts)), false, what)
})
