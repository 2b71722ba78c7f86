// SPDX-License-Identifier: Apache-2.0
/**
 * Finds the reply of a receiver in the words of whoever reports it: `host mx said: 550 5.1.1 … (in reply to RCPT TO command)`,
 * `smtp;550-5.1.1 …`, `#550 5.1.1 …`, or a bare reply line. Reads at most the first characters of a text, in linear time.
 */
import type { Refusal } from './classifier.ts'
import { enhancedIn } from './enhanced-table.ts'
import { READ_CHARACTERS } from './folded-text.ts'
import { type Provider, providerOfHost } from './provider.ts'
import type { Stage } from './rule.ts'

/** A code stands at the start, or where a quotation begins; a number in running text is none. */
const CODE =
  /(?:^|[:;#(<[>'"]|\b(?:said|returned|failed with|response|reply|failure|data|recipient)\b:?|\bwith)\s*['"#]?([45]\d\d)(?=[ :\-.,]|$)/i
const LOOSE_CODE = /(?<![\d.])([45]\d\d)[ -](?=[45]\.\d\.\d{1,3}\b)/
const HOST = /\b([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,10})\.?\s?[[(]/i

const stages: readonly (readonly [RegExp, Stage])[] = [
  [
    /in reply to (?:end of )?DATA|after end of data|after I sent the message|TEXT command/i,
    'content',
  ],
  [/in reply to RCPT|after RCPT|\bRCPT_TO\b|like (?:our RCPT|recipient)|following RCPT/i, 'rcpt'],
  [/in reply to MAIL|after MAIL FROM|\bMAIL_FROM\b|sender was rejected/i, 'mail'],
  [/in reply to (?:EHLO|HELO)|after (?:EHLO|HELO)|my name was rejected/i, 'ehlo'],
  [/refused to talk to|initial connection/i, 'connect'],
]

/** What the text says of itself; the provider is that of the host it names. */
export function replyInText(whole: string): Refusal {
  const text = whole.slice(0, READ_CHARACTERS).trim()
  const code = CODE.exec(text)?.[1] ?? LOOSE_CODE.exec(text)?.[1]
  return {
    code: code === undefined ? null : Number(code),
    enhanced: enhancedIn(text),
    text,
    provider: providerIn(text),
    stage: stages.find(([words]) => words.test(text))?.[1] ?? null,
  }
}

function providerIn(text: string): Provider | null {
  const host = HOST.exec(text)?.[1]
  return host === undefined ? null : providerOfHost(host)
}
