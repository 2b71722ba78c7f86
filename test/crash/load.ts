// SPDX-License-Identifier: Apache-2.0
/**
 * The submitter of the crash test: connections that hand in one letter after the other, and are opened again where
 * they are cut, until the relay is gone; and a book of what the relay answered.
 */
import { ms } from '../../src/base/brand.ts'
import type { Clock } from '../../src/base/clock.ts'
import { SmtpDialog } from '../support/smtp-dialog.ts'
import { type Letter, type LetterWriter, SENDER, streamOf } from './letter.ts'

const CLOSED = '(closed)'

/** What the submitter knows. */
export class Book {
  /** Recipients of letters that got a 250, and of those whose content was sent and never answered. */
  readonly accepted = new Set<string>()
  readonly unanswered = new Set<string>()
  /** First replies of letters that were refused; none is expected. */
  readonly refusals: string[] = []

  sent({ recipients }: Letter): void {
    for (const recipient of recipients) this.unanswered.add(recipient)
  }

  answered({ recipients }: Letter, reply: string): void {
    for (const recipient of recipients) this.unanswered.delete(recipient)
    if (!reply.startsWith('250')) this.refusals.push(reply)
    else for (const recipient of recipients) this.accepted.add(recipient)
  }
}

export interface LoadTarget {
  readonly port: number
  readonly secret: string
  /** Aborts when the relay is about to go: from then on it may say goodbye. */
  readonly over: AbortSignal
}

/** Until a connection that was cut is opened again: its worker has to be gone. */
const AGAIN = ms(10)

/** Resolves when `over` has aborted and every connection is closed. */
export async function submitUntilOver(
  target: LoadTarget,
  connections: number,
  writer: LetterWriter,
  book: Book,
  clock: Clock,
): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async (_, at) => {
      while (!target.over.aborted) {
        await converse(target, streamOf(at), writer, book)
        await clock.sleep(AGAIN)
      }
    }),
  )
}

async function converse(
  { port, secret, over }: LoadTarget,
  stream: string,
  writer: LetterWriter,
  book: Book,
): Promise<void> {
  const dialog = await SmtpDialog.open(port).catch(() => null)
  // Killed before it answered the connection.
  if (dialog === null) return
  const session = new Session(dialog, over)
  const login = Buffer.from(`\0${stream}\0${secret}`).toString('base64')
  const isReady =
    (await session.expect('220')) &&
    (await session.expect('250', 'EHLO crash.example')) &&
    (await session.expect('235', `AUTH PLAIN ${login}`))
  if (isReady) while (await session.submit(writer.next(), book));
  await dialog[Symbol.asyncDispose]()
}

class Session {
  readonly #dialog: SmtpDialog
  readonly #over: AbortSignal

  constructor(dialog: SmtpDialog, over: AbortSignal) {
    this.#dialog = dialog
    this.#over = over
  }

  /** `false` when the relay is gone. */
  async submit(letter: Letter, book: Book): Promise<boolean> {
    const { recipients, isChunked } = letter
    const commands = [`MAIL FROM:<${SENDER}>`, ...recipients.map((to) => `RCPT TO:<${to}>`)]
    this.#dialog.send(`${commands.join('\r\n')}\r\n`)
    for (const _ of commands) if (!(await this.expect('250'))) return false
    if (!isChunked && !(await this.expect('354', 'DATA'))) return false
    book.sent(letter)
    const reply = isChunked ? await this.#sendChunks(letter) : await this.#sendData(letter)
    if (this.#isEnd(reply)) return false
    book.answered(letter, reply)
    return true
  }

  /** `false` when the relay is gone; throws where it answers something else. */
  async expect(code: string, line?: string): Promise<boolean> {
    const reply = line === undefined ? await this.#dialog.reply() : await this.#dialog.say(line)
    if (this.#isEnd(reply)) return false
    if (!reply.startsWith(code)) throw new Error(`expected ${code}, the relay said: ${reply}`)
    return true
  }

  #sendData({ content }: Letter): Promise<string> {
    this.#dialog.send(`${content.replaceAll('\r\n.', '\r\n..')}.\r\n`)
    return this.#dialog.reply()
  }

  /** RFC 3030, two chunks without a wait between them. */
  async #sendChunks({ content }: Letter): Promise<string> {
    const half = content.length >> 1
    this.#dialog.send(`BDAT ${half}\r\n${content.slice(0, half)}`)
    this.#dialog.send(`BDAT ${content.length - half} LAST\r\n${content.slice(half)}`)
    const first = await this.#dialog.reply()
    return first.startsWith('250') ? this.#dialog.reply() : first
  }

  /** Killed, or says goodbye when it may. */
  #isEnd(reply: string): boolean {
    return reply === CLOSED || (this.#over.aborted && reply.startsWith('421'))
  }
}
