// SPDX-License-Identifier: Apache-2.0
/** Contents of transactions, from sources good and bad, and how they look on the wire. */
import { isAscii } from 'node:buffer'
import type { ClientTransaction } from '../../src/smtp/client-session.ts'

export interface ContentCase {
  readonly recipients: number
  readonly text: string
  readonly source: 'whole' | 'stream' | 'short-stream' | 'broken-stream'
}

const SIGNATURE = Buffer.from('DKIM-Signature: v=1\r\n')

export function transactionOf({ recipients, text, source }: ContentCase): ClientTransaction {
  const body = Buffer.from(text)
  return {
    reversePath: 'a@b.example',
    recipients: Array.from({ length: recipients }, (_, at) => ({
      forwardPath: `to-${at}@c.example`,
      notify: at === 1 ? ['FAILURE'] : null,
      originalRecipient: null,
    })),
    body: isAscii(body) ? '7BIT' : '8BITMIME',
    smtputf8: false,
    ret: 'HDRS',
    envid: 'x y',
    content: {
      signature: SIGNATURE,
      size: body.length,
      trouble: null,
      body: source === 'whole' ? body : streamOf(body, source),
    },
  }
}

async function* streamOf(
  body: Buffer,
  source: Exclude<ContentCase['source'], 'whole'>,
): AsyncGenerator<Uint8Array> {
  const end = source === 'stream' ? body.length : body.length >> 1
  for (let at = 0; at < end; at += 50) yield body.subarray(at, Math.min(end, at + 50))
  if (source === 'broken-stream') throw new Error('the disk is gone')
}

/** How the whole of a transaction's content looks on the wire. */
export function wholeContents(text: string): readonly Buffer[] {
  const content = SIGNATURE.toString() + text
  const dotted = content.replaceAll(/^\./gm, '..')
  return [
    Buffer.from(`${dotted}${dotted.endsWith('\r\n') ? '' : '\r\n'}.\r\n`),
    Buffer.from(`BDAT ${Buffer.byteLength(content)} LAST\r\n${content}`),
  ]
}
