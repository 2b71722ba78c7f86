// SPDX-License-Identifier: Apache-2.0
/** A server that brings mail, one message at a time, with the commands of a transaction in one go (RFC 2920). */
import { connect, type Socket } from 'node:net'

export class ReportConnection implements AsyncDisposable {
  readonly #socket: Socket
  #held = ''
  #wake: (() => void) | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#held += text
      this.#wake?.()
    })
    // 'close' follows, and wakes who waits.
    socket.on('error', () => {})
    socket.on('close', () => this.#wake?.())
  }

  static async open(port: number): Promise<ReportConnection> {
    const connection = new ReportConnection(connect({ port, host: '127.0.0.1', noDelay: true }))
    await connection.#reply()
    connection.#socket.write('EHLO mx.example\r\n')
    await connection.#reply()
    return connection
  }

  /** Whether it was taken. */
  async send(recipient: string, content: string): Promise<boolean> {
    this.#socket.write(`MAIL FROM:<${senderTo(recipient)}>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`)
    const replies = [await this.#reply(), await this.#reply(), await this.#reply()]
    if (!replies[2]?.startsWith('354')) return false
    this.#socket.write(`${content}.\r\n`)
    return (await this.#reply()).startsWith('250')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.end('QUIT\r\n')
  }

  /** The last line of the next reply; empty where the connection is lost. */
  async #reply(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf('\r\n')
      if (end === -1) {
        if (this.#socket.destroyed) return ''
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      const line = this.#held.slice(0, end)
      this.#held = this.#held.slice(end + 2)
      if (line[3] !== '-') return line
    }
  }
}

/** Reports come from nobody. */
function senderTo(recipient: string): string {
  return recipient.endsWith('@receiver.example') ? 'news@sender.example' : ''
}

/** As Postfix writes it, about 3 KB with what it returns. */
export function deliveryReport(returnPath: string): string {
  const returned = Array.from({ length: 20 }, (_, at) => `X-Field-${at}: ${'x'.repeat(60)}`)
  return [
    'From: MAILER-DAEMON@mx.example (Mail Delivery System)',
    'Subject: Undelivered Mail Returned to Sender',
    `To: ${returnPath}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b/mx.example"',
    '',
    '--b/mx.example',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    "I'm sorry to have to inform you that your message could not be delivered.",
    '',
    '--b/mx.example',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    'Final-Recipient: rfc822; user@receiver.example',
    'Action: failed',
    'Status: 5.2.1',
    'Diagnostic-Code: smtp; 550 5.2.1 The mailbox is disabled',
    '',
    '--b/mx.example',
    'Content-Type: text/rfc822-headers',
    '',
    `Return-Path: <${returnPath}>`,
    ...returned,
    '',
    '--b/mx.example--',
    '',
  ].join('\r\n')
}
