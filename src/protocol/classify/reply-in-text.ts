// SPDX-License-Identifier: Apache-2.0
/**
 * What the words of whoever reports a refusal say of it: `host mx said: 550 5.1.1 … (in reply to RCPT TO command)`,
 * `smtp;550-5.1.1 …`, `#550 5.1.1 …`, or a bare reply line.
 */
import { reportedReply } from '../report/reported-reply.ts'
import type { Refusal } from './classifier.ts'
import { READ_CHARACTERS } from './folded-text.ts'
import { type Provider, providerOfHost } from './provider.ts'
import type { Stage } from './rule.ts'

/** `mx.example.net[192.0.2.1]`, as Postfix and Exim name who spoke. */
const HOST = /\b([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,10})\.?\s?[[(]/i

/** After these words stands the reply itself; what is before is the reporter's. */
const QUOTES =
  /\b(?:(?:said|returned was|remote server was|responded as follows|failed with|responded with failure): ?|error (?=[45]\d\d[- ]'))/gi
/** A quotation that is shorter was cut off: then the words around it must do. */
const LEAST_QUOTED = 12

/** The words of Postfix, Exim, qmail, DragonFly, Yahoo and others. */
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

/** The provider is that of the host that is named. Reads the first 4,096 characters, in linear time. */
export function replyInText(whole: string): Refusal {
  const text = whole.slice(0, READ_CHARACTERS).trim()
  const quoted = quotedIn(text)
  const { code, status } = reportedReply(quoted)
  return {
    code,
    enhanced: status,
    text: quoted,
    provider: providerIn(text),
    stage: stages.find(([words]) => words.test(text))?.[1] ?? null,
  }
}

function quotedIn(text: string): string {
  let from = 0
  for (const { 0: words, index } of text.matchAll(QUOTES)) from = index + words.length
  return text.length - from < LEAST_QUOTED ? text : text.slice(from)
}

function providerIn(text: string): Provider | null {
  const host = HOST.exec(text)?.[1]
  return host === undefined ? null : providerOfHost(host)
}
