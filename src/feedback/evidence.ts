// SPDX-License-Identifier: Apache-2.0
/**
 * What in a mail that came back shows which message it is about: our token, which nobody can make up, wherever it stands; else
 * the ids that we left in the fields of the mail that it returns, which whoever got that mail could quote.
 */
import type { Instant } from '../base/brand.ts'
import { feedbackLimits, reportLimits } from '../base/limits/feedback-limits.ts'
import { type MessageId, parseMessageId, receivedAtOf } from '../events/ids.ts'
import type { LooseFields } from '../protocol/message/loose-fields.ts'
import { type OpenedToken, TOKEN_CHARACTERS, type TokenSealer } from '../protocol/token.ts'

/** A token whose MAC is right. */
export type GoodToken = Extract<OpenedToken, { kind: 'token' }>

export type FoundToken = GoodToken & {
  /** Of the address that it stood in, in lower case; `null`: it stood alone. */
  readonly domain: string | null
}

/** Where our token stands in what is returned, the surest place first. */
const TOKEN_FIELDS = [
  'return-path',
  'x-original-mail-from',
  'x-envelope-from',
  'sender',
  'received',
]
/** Where our ids stand: `Received` says `id`, and Message-ID has it where the submitter gave none. */
const ID_FIELDS = ['received', 'message-id', 'feedback-id', 'x-feedback-id', 'x-message-id']

const WORD = new RegExp(
  `(?<![0-9a-z])([0-9a-z]{${TOKEN_CHARACTERS}})(?![0-9a-z])(?:@([0-9a-z.-]{1,253}))?`,
  'gi',
)
const ID_WORD = /(?<![0-9a-z])[0-9a-z]{26}(?![0-9a-z])/gi

/** `null`: there is none, or none whose MAC is right. At most `feedbackLimits.tokensTried` words are tried. */
export function findToken(
  octets: Uint8Array,
  returned: LooseFields,
  sealer: TokenSealer,
  now: Instant,
): FoundToken | null {
  let tried = 0
  for (const text of textsWith(octets, returned))
    for (const [, word = '', domain] of text.matchAll(WORD)) {
      if (tried++ >= feedbackLimits.tokensTried) return null
      const opened = sealer.open(word, now)
      if (opened.kind === 'token') return { ...opened, domain: domain?.toLowerCase() ?? null }
    }
  return null
}

/** Messages that the returned fields name, none of them sure: the first is the likeliest. */
export function findIds(returned: LooseFields, now: Instant): readonly MessageId[] {
  const ids = new Set<MessageId>()
  for (const name of ID_FIELDS)
    for (const value of returned.all(name))
      for (const [word] of value.matchAll(ID_WORD)) {
        const id = parseMessageId(word)
        if (id !== null && isOfItsTime(id, now)) ids.add(id)
        if (ids.size >= feedbackLimits.idsTried) return [...ids]
      }
  return [...ids]
}

/** As it came, and what quoted-printable has cut or hidden put together again. */
function* textsWith(octets: Uint8Array, returned: LooseFields): Iterable<string> {
  for (const name of TOKEN_FIELDS) yield* returned.all(name)
  const { buffer, byteOffset, byteLength } = octets
  const head = Buffer.from(buffer, byteOffset, Math.min(byteLength, reportLimits.octets))
  const text = head.toString('latin1')
  yield text
  if (/=(?:3D|\r?\n)/i.test(text)) yield text.replaceAll(/=\r?\n/g, '').replaceAll(/=3D/gi, '=')
}

/** An id begins with its time: what is of another age is a word that happens to have 26 letters. */
function isOfItsTime(id: MessageId, now: Instant): boolean {
  const at = receivedAtOf(id)
  return at <= now && at > now - feedbackLimits.oldestMessageMs
}
