// SPDX-License-Identifier: Apache-2.0
/** A hub in memory: what it records, sends on and asks is there to be looked at, and what it is told can be chosen. */
import assert from 'node:assert/strict'
import type { Acceptance } from '../../src/accept/acceptor.ts'
import type { OwnContent } from '../../src/accept/own-mail.ts'
import { ms } from '../../src/base/brand.ts'
import { silentLog } from '../../src/base/log.ts'
import type { AuthenticationContext } from '../../src/feedback/authentication.ts'
import { FeedbackHub } from '../../src/feedback/feedback-hub.ts'
import type { Finding, ReportedMessage } from '../../src/feedback/finding.ts'
import { InboundAddresses } from '../../src/feedback/inbound-addresses.ts'
import type { GuessedMail, ReportedMail } from '../../src/feedback/reported-mail.ts'
import { clock, directory, mailboxOf, newId, random, sealer, tokenOf } from './feedback-samples.ts'

/** By name; what is not there does not exist, and what is `away.example` does not answer. */
export const texts = new Map<string, string>()
export const resolver: AuthenticationContext['resolver'] = {
  txt: async (name) => {
    if (name.endsWith('away.example')) return { kind: 'failed', text: 'no answer' }
    const text = texts.get(name)
    const answer = { ttl: ms(1_000), secure: false } as const
    return text === undefined
      ? { kind: 'no-such-domain', ...answer }
      : { kind: 'found', records: [text], ...answer }
  },
  addresses: async () => ({ kind: 'no-such-domain', ttl: ms(1_000), secure: false }),
  mx: async () => ({ kind: 'no-such-domain', ttl: ms(1_000), secure: false }),
  ptr: async () => ({ kind: 'no-such-domain', ttl: ms(1_000), secure: false }),
}
export const sender = { helo: 'mx.example', reversePath: '' }

export const addresses = new InboundAddresses({
  hostname: 'relay.example',
  directory: () => directory,
  sealer,
  clock,
})

export function makeHub(operator: string | null = 'ops@operator.example') {
  const recorded: Finding[] = []
  const sent: OwnContent[] = []
  const state = {
    recorded,
    sent,
    isAway: false,
    asked: [] as ReportedMail[],
    guess: null as GuessedMail | Error | null,
    message: null as ReportedMessage | null,
    acceptance: { kind: 'accepted', id: newId() } as Acceptance,
  }
  const hub = new FeedbackHub({
    hostname: 'relay.example',
    ...{ clock, random, sealer },
    log: silentLog,
    directory: () => directory,
    resolver,
    sentMail: {
      find: async (about) => {
        state.asked.push(about)
        if (state.guess instanceof Error) throw state.guess
        return state.guess
      },
    },
    signedLoops: () => ['loop.example'],
    operator: () => (operator === null ? null : mailboxOf(operator)),
    from: () => 'postmaster@relay.example',
    recorder: {
      record: async (findings) => {
        if (state.isAway) throw new Error('a worker is away')
        recorded.push(...findings)
        return findings.map(() => state.message)
      },
    },
    submit: async (_submitter, _recipient, content) => {
      sent.push(content)
      return state.acceptance
    },
  })
  const take = async (to: string, content: string, peer = '192.0.2.1') => {
    const address = addresses.read(mailboxOf(to))
    assert.ok(address, to)
    const octets = Buffer.from(content.replaceAll(/\r?\n/g, '\r\n'))
    const { code, enhanced } = await hub.take({ addresses: [address], octets, peer, ...sender })
    return `${code} ${enhanced}`
  }
  return { state, take }
}

export const bounce =
  'Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; jane@example.net\nAction: failed\n'
export const letter = 'From: jane@example.net\nSubject: Hello\n\nWho are you?\n'
export const ours = () => `${tokenOf(newId())}@bounce.shop.example`
