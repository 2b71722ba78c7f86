// SPDX-License-Identifier: Apache-2.0
/** Makes the octets of a message of its parts. What they mean to SMTP is the pipeline's matter, as for any message. */
import MailComposer from 'nodemailer/lib/mail-composer'
import type { Address, ComposedRequest } from './message-request.ts'

export type MessageParts = Pick<
  ComposedRequest,
  'from' | 'to' | 'cc' | 'replyTo' | 'subject' | 'text' | 'html' | 'attachments' | 'headers'
>

/** CRLF line ends; with `Date` and `Message-ID`. */
export async function composeMessage(parts: MessageParts): Promise<Buffer> {
  const composer = new MailComposer({
    from: addressOf(parts.from),
    to: parts.to.map(addressOf),
    ...(parts.cc && { cc: parts.cc.map(addressOf) }),
    ...(parts.replyTo && { replyTo: parts.replyTo.map(addressOf) }),
    subject: parts.subject,
    ...(parts.text !== undefined && { text: parts.text }),
    ...(parts.html !== undefined && { html: parts.html }),
    // A message without any has an empty text.
    ...(parts.text === undefined && parts.html === undefined && { text: '' }),
    attachments: parts.attachments.map(({ filename, contentType, content, contentId }) => ({
      filename,
      contentType,
      content: Buffer.from(content, 'base64'),
      ...(contentId !== null && { cid: contentId, contentDisposition: 'inline' as const }),
    })),
    headers: parts.headers,
    newline: 'windows',
    // Nothing is fetched for anybody.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const message = composer.compile()
  return await message.build()
}

export function mailboxOf(address: Address): string {
  return typeof address === 'string' ? address : address.address
}

function addressOf(address: Address): { readonly name: string; readonly address: string } {
  return typeof address === 'string' ? { name: '', address } : address
}
