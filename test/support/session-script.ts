// SPDX-License-Identifier: Apache-2.0
/** A server session without a socket: lines go in, the codes of its replies come out. */
import { instant } from '../../src/base/brand.ts'
import type { CommandState } from '../../src/protocol/smtp/command-order.ts'
import { saslMechanisms } from '../../src/protocol/smtp/sasl.ts'
import { scramKeysOf } from '../../src/protocol/smtp/scram.ts'
import { serverReplies } from '../../src/protocol/smtp/server-replies.ts'
import { ServerSession } from '../../src/protocol/smtp/server-session.ts'
import type { Effect } from '../../src/protocol/smtp/session-effect.ts'
import type { SessionPolicy, SessionRules } from '../../src/protocol/smtp/session-policy.ts'

const limits = {
  commandLineOctets: 512,
  messageOctets: 1_000,
  futureReleaseMs: 3_600_000,
  recipientsPerMessage: 2,
  transactionsPerSession: 3,
  errorsPerSession: 5,
  authFailuresPerSession: 2,
}

/** Of everybody's secret, `right`. */
const SCRAM_KEYS = scramKeysOf('right', Buffer.from('salt'))

type Policy = SessionPolicy<string>

export function newSession(
  policy: Partial<Policy> = {},
  memory: SessionRules['memory'] = { room: 'ample' },
): ServerSession<string> {
  return new ServerSession<string>(
    { hostname: 'relay.example', limits, memory },
    {
      now: () => instant(Date.UTC(2026, 0, 1)),
      allowsClearTextAuth: true,
      offersTls: () => true,
      mayClaimClient: true,
      mechanisms: () => saslMechanisms,
      scram: () => ({ keys: SCRAM_KEYS, nonce: 'server' }),
      authenticate: (attempt) => {
        const isRight = attempt.kind === 'secret' ? attempt.secret === 'right' : attempt.isProven
        return { kind: 'heard', identity: isRight ? attempt.userName : null, afterMs: 0 }
      },
      admit: () => null,
      admitRecipient: (_, forwardPath) =>
        forwardPath === null ? serverReplies.noLocalPostmaster : null,
      refused: () => {},
      ...policy,
    },
  )
}

export function say(session: ServerSession<string>, line: string): Effect {
  return session.line(Buffer.from(line))
}

/** The reply's codes, with what else must be done. */
export function heard(effect: Effect): string {
  if (effect.kind === 'chunk')
    return `chunk ${effect.octets} ${effect.refusal === null ? 'taken' : effect.refusal.code}`
  if (effect.kind === 'claim') return `claim ${effect.address}`
  if (effect.kind === 'delay') return `after ${effect.milliseconds} ms ${heard(effect.effect)}`
  const { code, enhanced } = effect.reply
  const codes = enhanced === null ? `${code}` : `${code} ${enhanced}`
  return effect.kind === 'reply' ? codes : `${effect.kind} ${codes}`
}

export function dialog(session: ServerSession<string>, lines: readonly string[]): string[] {
  return lines.map((line) => heard(say(session, line)))
}

export const waysTo: Record<CommandState, readonly string[]> = {
  greeted: [],
  ready: ['EHLO c.example'],
  mail: ['EHLO c.example', 'MAIL FROM:<a@b>'],
  rcpt: ['EHLO c.example', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>'],
  chunks: ['EHLO c.example', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'BDAT 3'],
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
