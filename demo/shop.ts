// SPDX-License-Identifier: Apache-2.0
/** The shop: sends all its mail through the relay with nodemailer, over STARTTLS with AUTH, on a pool of connections. */
import { createTransport } from 'nodemailer'
import type { DemoRelay } from './demo-relay.ts'
import type { MailBook } from './mail-book.ts'
import type { ShopMessage } from './shop-mail.ts'

const CONNECTIONS = 5

/** Resolves when every message was accepted or refused; what is still to be sent at `over` is not. */
export async function sendAll(
  mail: readonly ShopMessage[],
  relay: DemoRelay,
  book: MailBook,
  over: AbortSignal,
): Promise<void> {
  const { secrets } = relay
  const transports = {
    transactional: transportTo(relay, { user: 'till', pass: secrets.receipts }),
    // The user name is free, and names the stream.
    bulk: transportTo(relay, { user: 'bulk', pass: secrets.campaign }),
  }
  const close = (): void => {
    transports.transactional.close()
    transports.bulk.close()
  }
  over.addEventListener('abort', close, { once: true })
  const sent = mail.map(async (message) => {
    const { stream, provider: _, ...fields } = message
    try {
      await transports[stream].sendMail(fields)
      book.accepted(message.messageId)
    } catch (thrown) {
      // The relay's refusal, a lost connection, or the end of the demo.
      if (!over.aborted) book.refused(`${message.to}: ${String(thrown)}`)
    }
  })
  await Promise.all(sent)
  close()
}

function transportTo({ port, certificate }: DemoRelay, auth: { user: string; pass: string }) {
  return createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
    host: '127.0.0.1',
    port,
    requireTLS: true,
    tls: { ca: certificate },
    auth,
  })
}
