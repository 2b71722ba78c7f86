// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Reply, reply } from '../../protocol/reply.ts'
import type { Decision } from '../../protocol/smtp/client-transaction.ts'
import type { TransactionResult } from '../../smtp/client-exchange.ts'
import type { LossCause } from '../../smtp/loss.ts'
import type { ConnectFailure } from '../routing/connect-hosts.ts'
import type { Outcome } from './outcome.ts'
import { dialOutcome, leftOver, transactionOutcomes } from './outcome-of-reply.ts'

const facts = {
  mx: 'mx[192.0.2.1]:25',
  tls: null,
  offersDsn: false,
  conversation: [],
  transmitMs: 1,
}

function inShort(outcome: Outcome | undefined): string {
  assert.ok(outcome)
  return 'blame' in outcome ? `${outcome.kind} ${outcome.blame}` : outcome.kind
}

function decided(stage: Decision['stage'], answer: Reply): string {
  const recipients: Decision[] = [{ reply: answer, stage, said: stage === 'local' ? 'us' : 'peer' }]
  const [outcome] = transactionOutcomes({ recipients, lost: null, facts })
  assert.equal(outcome?.reply, answer)
  return inShort(outcome)
}

const table: readonly (readonly [Decision['stage'], number, string | null, string])[] = [
  ['local', 554, '5.6.3', 'bounced message'],
  ['rset', 451, null, 'deferred path'],
  ['rset', 550, null, 'deferred path'],
  ['mail', 451, '4.7.1', 'deferred path'],
  ['mail', 550, '5.7.1', 'bounced message'],
  ['mail', 421, null, 'deferred path'],
  ['rcpt', 450, '4.2.0', 'deferred recipient'],
  ['rcpt', 452, '4.5.3', 'deferred recipient'],
  ['rcpt', 421, null, 'deferred path'],
  ['rcpt', 550, '5.1.1', 'bounced recipient'],
  ['rcpt', 552, null, 'deferred recipient'],
  ['rcpt', 552, '5.5.3', 'deferred recipient'],
  ['rcpt', 552, '5.2.2', 'deferred recipient'],
  ['data', 451, null, 'deferred message'],
  ['data', 554, null, 'bounced message'],
  ['data', 421, null, 'deferred path'],
  ['content', 250, '2.0.0', 'delivered'],
  ['content', 451, '4.7.1', 'deferred message'],
  ['content', 552, null, 'bounced message'],
  ['content', 554, '5.7.1', 'bounced message'],
  ['content', 421, null, 'deferred path'],
]

for (const [stage, code, enhanced, expected] of table)
  test(`${code} ${enhanced ?? 'without enhanced code'} at ${stage} is ${expected}`, () => {
    assert.equal(decided(stage, reply(code, enhanced, 'text')), expected)
  })

const inWords: readonly (readonly [Decision['stage'], number, string, string])[] = [
  ['mail', 550, 'Client host blocked using dnsbl.example', 'deferred path'],
  ['mail', 554, 'Your domain has a poor reputation', 'deferred message'],
  ['mail', 550, 'Sender address rejected', 'bounced message'],
  ['rcpt', 550, 'Mailbox full', 'deferred recipient'],
  ['rcpt', 550, 'Client host blocked using dnsbl.example', 'deferred path'],
  ['rcpt', 550, 'No such user', 'bounced recipient'],
  ['content', 552, 'Quota exceeded', 'deferred message'],
  ['content', 554, 'Too many messages, slow down', 'deferred message'],
  ['content', 554, 'Rejected for the poor reputation of its links', 'bounced message'],
  ['content', 554, 'This is spam', 'bounced message'],
  // Nobody is given up for a 4yz, whatever it says.
  ['rcpt', 450, 'User unknown', 'deferred recipient'],
  ['content', 451, 'Mail loop', 'deferred message'],
]

for (const [stage, code, text, expected] of inWords)
  test(`"${code} ${text}" at ${stage} is ${expected}`, () => {
    assert.equal(decided(stage, reply(code, null, text)), expected)
  })

test('An outcome says what the refusal means, by the receiver whose words it is', () => {
  const meaningAt = (mx: string) => {
    const unknown = reply(550, null, 'Unknown user somebody')
    const recipients: Decision[] = [{ reply: unknown, stage: 'content', said: 'peer' }]
    const [outcome] = transactionOutcomes({ recipients, lost: null, facts: { ...facts, mx } })
    return outcome?.kind === 'bounced' ? outcome.meant?.class : undefined
  }
  assert.equal(meaningAt('mx.example.net[192.0.2.1]:25'), 'no-such-mailbox')
  assert.equal(meaningAt('mfsmax.docomo.ne.jp[192.0.2.1]:25'), 'closed-recipient')
})

test('What fails here is given no meaning', () => {
  const recipients: Decision[] = [
    { reply: reply(554, '5.6.3', 'no 8BITMIME'), stage: 'local', said: 'us' },
  ]
  const [outcome] = transactionOutcomes({ recipients, lost: null, facts })
  assert.ok(outcome && !('meant' in outcome))
})

test('Those for whom a server has no room beside others are left over, and only those', () => {
  const taken: Decision = { reply: reply(250, '2.0.0', 'ok'), stage: 'content', said: 'peer' }
  const refused = (code: number, enhanced: string | null, text = 'no'): Decision => ({
    reply: reply(code, enhanced, text),
    stage: 'rcpt',
    said: 'peer',
  })
  const full = [
    refused(452, '4.5.3'),
    refused(452, null, 'Too many recipients'),
    refused(552, null),
    refused(552, '5.5.3'),
    refused(552, null, '4.5.3 Too many recipients'),
  ]
  const others = [
    refused(552, '5.2.2'),
    refused(552, null, '4.2.2 Mailbox full'),
    refused(452, '4.3.1'),
    refused(450, '4.5.3'),
    refused(550, '5.5.3'),
  ]
  const recipients = [taken, ...others, ...full]
  assert.deepEqual(leftOver({ recipients, lost: null, facts }), [6, 7, 8, 9, 10])
  assert.deepEqual(leftOver({ recipients: full, lost: null, facts }), [])
})

test('A loss defers; what is not the doing of the path does not rest it', () => {
  const lose = (cause: LossCause, wasStale = false): string => {
    const answer = reply(421, '4.4.2', 'gone')
    const result: TransactionResult = {
      recipients: [{ reply: answer, stage: 'mail', said: 'us' }],
      lost: { kind: 'lost', cause, text: 'gone', stage: 'mail', wasStale },
      facts,
    }
    return inShort(transactionOutcomes(result)[0])
  }
  for (const cause of ['closed', 'time-out', 'nonsense', 'tls'] as const)
    assert.equal(lose(cause), 'deferred path')
  assert.equal(lose('local'), 'deferred message')
  assert.equal(lose('aborted'), 'deferred message')
  assert.equal(lose('closed', true), 'deferred message')
})

test('Who was refused before the connection was lost stays refused', () => {
  const recipients: Decision[] = [
    { reply: reply(550, '5.1.1', 'no'), stage: 'rcpt', said: 'peer' },
    { reply: reply(421, '4.4.2', 'gone'), stage: 'content', said: 'us' },
  ]
  const lost = {
    kind: 'lost',
    cause: 'closed',
    text: 'gone',
    stage: 'content',
    wasStale: false,
  } as const
  const outcomes = transactionOutcomes({ recipients, lost, facts })
  assert.deepEqual(outcomes.map(inShort), ['bounced recipient', 'deferred path'])
  const speakers = outcomes.map((outcome) => 'said' in outcome && outcome.said)
  assert.deepEqual(speakers, ['peer', 'us'])
})

test('A dial that failed defers whatever was said, but for a site without an address', () => {
  const fail = (stage: ConnectFailure['stage'], code: number): string =>
    inShort(
      dialOutcome({
        ...{ kind: 'failed', stage, said: 'peer', facts: null },
        reply: reply(code, null, ''),
      }),
    )
  for (const stage of ['connect', 'greeting', 'ehlo', 'starttls'] as const)
    for (const code of [421, 450, 554]) assert.equal(fail(stage, code), 'deferred path')
  assert.equal(fail('resolve', 451), 'deferred path')
  assert.equal(fail('resolve', 550), 'bounced recipient')
})
