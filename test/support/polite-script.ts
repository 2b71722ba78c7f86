// SPDX-License-Identifier: Apache-2.0
/** A receiver that keeps the rules, and answers what a test wants where it wants: a script for `ScriptedReceiver`. */
import type { Certificate } from '../../src/app/self-signed-certificate.ts'
import type { Script, ScriptedPeer } from './scripted-receiver.ts'

/** One transaction as the receiver saw it, commands in full. */
export interface SeenTransaction {
  readonly mail: string
  /** Those that were taken. */
  readonly rcpt: readonly string[]
  /** Dots not unstuffed, no final line end. */
  readonly content: string
  /** From 0, in the order of connections. */
  readonly connection: number
}

export interface Manners {
  /** In the reply to EHLO. */
  readonly keywords?: readonly string[]
  /** Offers STARTTLS with it; `keywords` are for within TLS, and nothing else is offered before. */
  readonly certificate?: Certificate
  /** The whole reply to a command line, `undefined` for the usual one. `null` ends the connection. */
  readonly answer?: (line: string, peer: ScriptedPeer) => string | null | undefined
  /** The reply to the content; the default takes it. */
  readonly take?: (seen: SeenTransaction) => string | Promise<string>
}

const KEYWORDS = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'DSN']

export function polite(manners: Manners = {}): Script {
  return async (peer) => {
    peer.send('220 mx.example ESMTP\r\n')
    let mail = ''
    let rcpt: string[] = []
    let { certificate } = manners
    for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
      const own = manners.answer?.(line, peer)
      if (own === null) return peer.close()
      if (line === 'STARTTLS' && certificate !== undefined) {
        peer.send('220 2.0.0 Go on\r\n')
        peer.startTls(certificate)
        certificate = undefined
        continue
      }
      const hasNobody = line === 'DATA' && rcpt.length === 0
      const answer =
        own ??
        (hasNobody
          ? '503 5.5.1 Nobody'
          : usualAnswer(
              line,
              certificate === undefined ? (manners.keywords ?? KEYWORDS) : ['STARTTLS'],
            ))
      if (line.startsWith('MAIL ')) [mail, rcpt] = [line, []]
      if (line.startsWith('RCPT ') && answer.startsWith('250')) rcpt.push(line)
      peer.send(`${answer}\r\n`)
      if (line === 'QUIT') return peer.close()
      if (line !== 'DATA' || !answer.startsWith('354')) continue
      const content = await peer.readUntil('\r\n.\r\n')
      if (content === null) return
      const seen = { mail, rcpt, content, connection: peer.connection }
      peer.send(`${(await manners.take?.(seen)) ?? '250 2.0.0 Ok'}\r\n`)
    }
  }
}

function usualAnswer(line: string, keywords: readonly string[]): string {
  const [verb = ''] = line.split(' ', 1)
  if (verb === 'EHLO') {
    const lines = ['mx.example', ...keywords]
    return lines.map((text, at) => `250${at === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n')
  }
  if (verb === 'DATA') return '354 Go on'
  return verb === 'QUIT' ? '221 2.0.0 Bye' : '250 2.0.0 Ok'
}
