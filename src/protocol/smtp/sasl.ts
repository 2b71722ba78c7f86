// SPDX-License-Identifier: Apache-2.0
/**
 * The exchanges of AUTH PLAIN (RFC 4616), LOGIN (never standardized; what clients do) and SCRAM-SHA-256 (RFC 7677), over
 * SMTP (RFC 4954 §4). An exchange has no state but what the next line must be.
 *
 *   plain ─▶ secret known      user-name ─▶ secret ─▶ secret known      scram-first ─▶ scram-final ─▶ proof known
 */
import { isUtf8 } from 'node:buffer'
import { type Reply, reply } from '../reply.ts'
import {
  beginScram,
  endScram,
  readScramFirst,
  type ScramExchange,
  type ScramFirst,
  type ScramKeys,
} from './scram.ts'

export const saslMechanisms = ['PLAIN', 'LOGIN', 'SCRAM-SHA-256'] as const

export type Mechanism = (typeof saslMechanisms)[number]

/** What the next line of the client is. */
export type SaslExpectation =
  | { readonly kind: 'plain' | 'user-name' | 'scram-first' }
  | { readonly kind: 'secret'; readonly userName: string }
  | { readonly kind: 'scram-final'; readonly exchange: ScramExchange }

export type SaslStep =
  /** 334 goes out, and the next line answers it. */
  | { readonly kind: 'challenge'; readonly reply: Reply; readonly expects: SaslExpectation }
  | { readonly kind: 'secret'; readonly userName: string; readonly secret: string }
  /** `challengeScram` goes on, with the keys of the user. */
  | { readonly kind: 'scram'; readonly first: ScramFirst }
  /** `serverFinal` is for who has proven it. */
  | {
      readonly kind: 'proof'
      readonly userName: string
      readonly isProven: boolean
      readonly serverFinal: Reply
    }
  | { readonly kind: 'fault'; readonly reply: Reply }

const notBase64 = fault(reply(501, '5.5.2', 'Cannot decode base64'))
export const saslCancelled = fault(reply(501, '5.7.0', 'Authentication cancelled'))
const notOffered = fault(reply(504, '5.5.4', 'Mechanism not offered'))
const badPlain = fault(reply(501, '5.5.2', 'Expected authzid NUL authcid NUL password'))
const badScram = fault(reply(501, '5.5.2', 'Expected a SCRAM message without channel binding'))

/** "Username:" and "Password:", which clients wait for though nothing says so. */
const askUserName = reply(334, null, 'VXNlcm5hbWU6')
const askSecret = reply(334, null, 'UGFzc3dvcmQ6')
const askNothing = reply(334, null, '')

const beginnings = {
  PLAIN: { kind: 'challenge', reply: askNothing, expects: { kind: 'plain' } },
  LOGIN: { kind: 'challenge', reply: askUserName, expects: { kind: 'user-name' } },
  'SCRAM-SHA-256': { kind: 'challenge', reply: askNothing, expects: { kind: 'scram-first' } },
} as const satisfies Record<Mechanism, SaslStep>

/** `initialResponse` is base64; `=` stands for an empty one. */
export function beginSasl(
  mechanism: string,
  initialResponse: string | null,
  offered: readonly Mechanism[],
): SaslStep {
  const known = offered.find((one) => one === mechanism)
  if (known === undefined) return notOffered
  if (initialResponse === null) return beginnings[known]
  return continueSasl(beginnings[known].expects, initialResponse === '=' ? '' : initialResponse)
}

/** `line` is base64, or `*` to cancel. */
export function continueSasl(expects: SaslExpectation, line: string): SaslStep {
  if (line === '*') return saslCancelled
  const text = decodeBase64(line)
  if (text === null) return notBase64
  switch (expects.kind) {
    case 'plain':
      return readPlain(text)
    case 'user-name':
      return { kind: 'challenge', reply: askSecret, expects: { kind: 'secret', userName: text } }
    case 'secret':
      return { kind: 'secret', userName: expects.userName, secret: text }
    case 'scram-first': {
      const first = readScramFirst(text)
      return first === null ? badScram : { kind: 'scram', first }
    }
    case 'scram-final':
      return readProof(expects.exchange, text)
  }
}

export function challengeScram(first: ScramFirst, keys: ScramKeys, nonce: string): SaslStep {
  const exchange = beginScram(first, keys, nonce)
  const challenge = challengeOf(exchange.serverFirst)
  return { kind: 'challenge', reply: challenge, expects: { kind: 'scram-final', exchange } }
}

function readProof(exchange: ScramExchange, text: string): SaslStep {
  const result = endScram(exchange, text)
  if (result === null) return badScram
  const { userName } = exchange.first
  const { isProven, serverFinal } = result
  return { kind: 'proof', userName, isProven, serverFinal: challengeOf(serverFinal) }
}

/** An authorization identity is borne where it repeats the authentication identity; nobody acts for another here. */
function readPlain(text: string): SaslStep {
  const [authorization, userName, secret, ...more] = text.split('\0')
  if (userName === undefined || secret === undefined || more.length > 0) return badPlain
  if (authorization !== '' && authorization !== userName) return badPlain
  return { kind: 'secret', userName, secret }
}

function challengeOf(text: string): Reply {
  return reply(334, null, Buffer.from(text).toString('base64'))
}

function decodeBase64(text: string): string | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null
  const octets = Buffer.from(text, 'base64')
  return isUtf8(octets) ? octets.toString('utf8') : null
}

function fault(answer: Reply) {
  return { kind: 'fault', reply: answer } as const
}
