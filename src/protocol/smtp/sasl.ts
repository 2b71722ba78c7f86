// SPDX-License-Identifier: Apache-2.0
/**
 * The exchanges of AUTH PLAIN (RFC 4616) and LOGIN (never standardized; what clients do), over SMTP (RFC 4954 §4).
 * An exchange has no state but what the next line must be.
 */
import { isUtf8 } from 'node:buffer'
import { type Reply, reply } from '../reply.ts'

export const saslMechanisms = ['PLAIN', 'LOGIN'] as const

type Mechanism = (typeof saslMechanisms)[number]

/** What the next line of the client is. */
export type SaslExpectation =
  | { readonly kind: 'plain' }
  | { readonly kind: 'user-name' }
  | { readonly kind: 'secret'; readonly userName: string }

export type SaslStep =
  /** 334 goes out, and the next line answers it. */
  | { readonly kind: 'challenge'; readonly reply: Reply; readonly expects: SaslExpectation }
  | { readonly kind: 'credentials'; readonly userName: string; readonly secret: string }
  | { readonly kind: 'fault'; readonly reply: Reply }

const notBase64 = fault(reply(501, '5.5.2', 'Cannot decode base64'))
const cancelled = fault(reply(501, '5.7.0', 'Authentication cancelled'))
const notOffered = fault(reply(504, '5.5.4', 'Mechanism not offered'))
const badPlain = fault(reply(501, '5.5.2', 'Expected authzid NUL authcid NUL password'))

/** "Username:" and "Password:", which clients wait for though nothing says so. */
const askUserName = reply(334, null, 'VXNlcm5hbWU6')
const askSecret = reply(334, null, 'UGFzc3dvcmQ6')
const askPlain = reply(334, null, '')

/** `initialResponse` is base64; `=` stands for an empty one. */
export function beginSasl(mechanism: string, initialResponse: string | null): SaslStep {
  if (!isOffered(mechanism)) return notOffered
  const expects: SaslExpectation = { kind: mechanism === 'PLAIN' ? 'plain' : 'user-name' }
  if (initialResponse !== null)
    return continueSasl(expects, initialResponse === '=' ? '' : initialResponse)
  return { kind: 'challenge', reply: mechanism === 'PLAIN' ? askPlain : askUserName, expects }
}

/** `line` is base64, or `*` to cancel. */
export function continueSasl(expects: SaslExpectation, line: string): SaslStep {
  if (line === '*') return cancelled
  const text = decodeBase64(line)
  if (text === null) return notBase64
  switch (expects.kind) {
    case 'plain':
      return readPlain(text)
    case 'user-name':
      return { kind: 'challenge', reply: askSecret, expects: { kind: 'secret', userName: text } }
    case 'secret':
      return { kind: 'credentials', userName: expects.userName, secret: text }
  }
}

function isOffered(mechanism: string): mechanism is Mechanism {
  return (saslMechanisms as readonly string[]).includes(mechanism)
}

/** An authorization identity is borne where it repeats the authentication identity; nobody acts for another here. */
function readPlain(text: string): SaslStep {
  const [authorization, userName, secret, ...more] = text.split('\0')
  if (userName === undefined || secret === undefined || more.length > 0) return badPlain
  if (authorization !== '' && authorization !== userName) return badPlain
  return { kind: 'credentials', userName, secret }
}

function decodeBase64(text: string): string | null {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null
  const octets = Buffer.from(text, 'base64')
  return isUtf8(octets) ? octets.toString('utf8') : null
}

function fault(answer: Reply): SaslStep {
  return { kind: 'fault', reply: answer }
}
