// SPDX-License-Identifier: Apache-2.0
/**
 * Hands a message in by SMTP with a secret, for users who may not open the relay's control socket: STARTTLS where it is
 * offered, and AUTH PLAIN. The relay is on this machine or named by its operator, so its certificate is not looked at.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { minutes } from '../../base/brand.ts'
import { deadlineSignal, SystemClock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import { formatReply, type Reply } from '../../protocol/reply.ts'
import { ReplyReader } from '../../protocol/smtp/reply-reader.ts'
import type { LocalMessage } from './local-message.ts'

export interface Submission {
  readonly host: string
  readonly port: number
  readonly secret: string
  /** Said in EHLO. */
  readonly hostname: string
}

/** For the whole of it; a relay answers the end of data within ten minutes (RFC 5321 §4.5.3.2.6). */
const PATIENCE = minutes(11)

/** Returns the words of the last reply. Throws `RLY_RELAY_NOT_RUNNING`, `RLY_REFUSED`, and `RLY_BUSY` for what may go later. */
export async function handIn(message: LocalMessage, to: Submission): Promise<string> {
  const signal = deadlineSignal(new SystemClock(), PATIENCE)
  let socket: Socket = connect({ host: to.host, port: to.port, signal })
  try {
    await once(socket, 'connect')
    let dialog = new Dialog(socket)
    await dialog.reply()
    const offered = await dialog.say(`EHLO ${to.hostname}`)
    if (/^STARTTLS$/im.test(offered.text)) {
      await dialog.say('STARTTLS')
      dialog.end()
      socket = connectTls({ socket, rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      dialog = new Dialog(socket)
      await dialog.say(`EHLO ${to.hostname}`)
    }
    const login = Buffer.from(`\0sendmail\0${to.secret}`).toString('base64')
    await dialog.say(`AUTH PLAIN ${login}`)
    await dialog.say(`MAIL FROM:<${message.reversePath}> BODY=8BITMIME SMTPUTF8`)
    for (const recipient of message.recipients) await dialog.say(`RCPT TO:<${recipient}>`)
    await dialog.say('DATA')
    socket.write(message.content.toString('latin1').replace(/^\./gm, '..'), 'latin1')
    const answer = await dialog.say('.')
    socket.end('QUIT\r\n')
    return formatReply(answer)
  } catch (thrown) {
    // A refusal of ours from below, or what the network says.
    if (thrown instanceof RelayError) throw thrown
    throw new RelayError('RLY_RELAY_NOT_RUNNING', `no relay answers at ${to.host}:${to.port}`, {
      cause: thrown,
    })
  } finally {
    socket.destroySoon()
  }
}

class Dialog {
  readonly #socket: Socket
  readonly #reader = new ReplyReader()
  #hasEnded = false
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', this.#onData)
    socket.on('close', this.#onClose)
    // 'close' follows.
    socket.on('error', () => {})
  }

  /** The socket is another's from here on. */
  end(): void {
    this.#socket.off('data', this.#onData)
    this.#socket.off('close', this.#onClose)
  }

  /** The reply to a line, which must be a good one. */
  async say(line: string): Promise<Reply> {
    this.#socket.write(`${line}\r\n`)
    return await this.reply()
  }

  async reply(): Promise<Reply> {
    for (;;) {
      const reply = this.#reader.next()
      if (reply !== null && 'code' in reply) {
        if (reply.code < 400) return reply
        throw new RelayError(reply.code < 500 ? 'RLY_BUSY' : 'RLY_REFUSED', formatReply(reply))
      }
      if (reply !== null || this.#hasEnded) throw new Error('the connection has ended')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  readonly #onData = (octets: Buffer): void => {
    this.#reader.push(octets)
    this.#wake()
  }

  readonly #onClose = (): void => {
    this.#hasEnded = true
    this.#wake()
  }
}
